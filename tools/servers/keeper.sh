# Kills the processes it was told of and removes a folder once its standard input ends, which the kernel sees to
# however the process at the other end dies. Usage: keeper.sh <folder>; lines: watch <pid>, forget <pid>.
trap '' INT TERM HUP
watched=
while read -r what pid; do
  kept=
  for other in $watched; do [ "$other" = "$pid" ] || kept="$kept $other"; done
  watched=$kept
  [ "$what" = forget ] || watched="$watched $pid"
done
for pid in $watched; do kill -KILL "$pid" 2>/dev/null; done
# A killed process may still be writing, and what it writes late would keep a folder from being removed.
for _ in 1 2 3 4 5; do
  rm -rf "$1" && [ ! -e "$1" ] && exit 0
  sleep 0.2
done
