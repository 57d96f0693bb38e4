// Asks an xDS server, such as istiod, what a sidecar would be told of its routes, and prints that as one line of JSON:
//
//	{"at": "2026-11-25T03:00:00.123Z", "hosts": {"web.default.svc.cluster.local:80": [
//	  {"match": "prefix /", "clusters": {"outbound|80|blue|web.default.svc.cluster.local": 90, …}}]},
//	 "endpoints": {"outbound|80|blue|web.default.svc.cluster.local": 3, …}}
//
// `hosts` are the virtual hosts of all asked routes with their routes in order; a cluster's number is its weight, 100 for
// one that is alone. `endpoints` are how many healthy ones each cluster has. With --watch it goes on and prints a line for
// each change, `{"at": …, "lost": "…"}` when the connection is lost, which it then makes anew, and ends when its standard
// input does.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

func main() {
	address := flag.String("address", "127.0.0.1:15010", "host:port of the server, without TLS")
	namespace := flag.String("namespace", "default", "of the sidecar")
	node := flag.String("node", "", "id of the sidecar; made from the namespace when empty")
	routes := flag.String("route", "80", "names of the route configurations, separated by commas")
	watch := flag.Bool("watch", false, "go on and print every change")
	timeout := flag.Duration("timeout", 20*time.Second, "for the answer; with --watch there is none")
	flag.Parse()
	if *node == "" {
		*node = fmt.Sprintf("sidecar~10.1.255.254~waybill-asks.%s~%s.svc.cluster.local", *namespace, *namespace)
	}
	asked := question{address: *address, node: *node, namespace: *namespace, routes: strings.Split(*routes, ",")}
	if *watch {
		keepWatching(asked)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), *timeout)
	defer cancel()
	err := listen(ctx, asked, func(seen answer) bool {
		print(seen)
		return false
	})
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s did not answer: %v\n", *address, err)
		os.Exit(1)
	}
}

// keepWatching returns when the standard input ends, which it does with whoever started this.
func keepWatching(asked question) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	var last string
	lost := false
	for ctx.Err() == nil {
		err := listen(ctx, asked, func(seen answer) bool {
			lost = false
			if what := seen.content(); what != last {
				last = what
				print(seen)
			}
			return true
		})
		if ctx.Err() != nil {
			return
		}
		if !lost {
			lost = true
			// What comes after it is told even when it is the same.
			last = ""
			print(loss{At: now(), Lost: err.Error()})
		}
		time.Sleep(100 * time.Millisecond)
	}
}

type loss struct {
	At   string `json:"at"`
	Lost string `json:"lost"`
}

func print(what any) {
	line, err := json.Marshal(what)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}

func now() string {
	return time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
}
