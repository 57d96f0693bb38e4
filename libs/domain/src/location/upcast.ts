import type { JsonObject, Upcast } from '@waybill/kernel';
import { softwareOf } from './software.js';

/** Version 1 had the program and its version in one text. */
export const operatorConnectedFrom1: Upcast = (data: JsonObject) => ({
  ...data,
  software: softwareOf(String(data['software'])),
});
