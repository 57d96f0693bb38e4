// Asks the official Go SDK of CDEvents about events: a JSON array of them comes in, a JSON array goes out that has for
// each one null, or what the SDK has against it. The SDK carries the schemas of the specification.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"time"

	cdevents "github.com/cdevents/sdk-go/pkg/api"
	v05 "github.com/cdevents/sdk-go/pkg/api/v05"
)

func main() {
	var events []json.RawMessage
	if err := json.NewDecoder(os.Stdin).Decode(&events); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	verdicts := make([]*string, len(events))
	for i, event := range events {
		if err := check(event); err != nil {
			words := err.Error()
			verdicts[i] = &words
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(verdicts); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func check(raw json.RawMessage) error {
	event, err := v05.NewFromJsonBytes(raw)
	if err != nil {
		return err
	}
	if _, err := cdevents.AsCloudEvent(event); err != nil {
		return err
	}
	// What the SDK does not know it drops: then it would not write what it has read.
	written, err := cdevents.AsJsonBytes(event)
	if err != nil {
		return err
	}
	in, err := parse(raw)
	if err != nil {
		return err
	}
	out, err := parse(written)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(in, out) {
		return fmt.Errorf("the SDK writes it differently: %s", written)
	}
	return nil
}

// Go writes an instant without the zeros at its end: the same instant.
func parse(raw []byte) (map[string]any, error) {
	var event map[string]any
	if err := json.Unmarshal(raw, &event); err != nil {
		return nil, err
	}
	if context, ok := event["context"].(map[string]any); ok {
		if instant, err := time.Parse(time.RFC3339Nano, fmt.Sprint(context["timestamp"])); err == nil {
			context["timestamp"] = instant.UTC()
		}
	}
	return event, nil
}
