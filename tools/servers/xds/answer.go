package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
)

type answer struct {
	At        string                     `json:"at"`
	Hosts     map[string][]weightedRoute `json:"hosts"`
	Endpoints map[string]int             `json:"endpoints"`
}

type weightedRoute struct {
	Match    string            `json:"match"`
	Clusters map[string]uint32 `json:"clusters"`
}

// content is all but the time.
func (a answer) content() string {
	text, err := json.Marshal(answer{Hosts: a.Hosts, Endpoints: a.Endpoints})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// hostsOf leaves out what does not route: redirects and direct responses.
func hostsOf(configurations map[string]*route.RouteConfiguration) map[string][]weightedRoute {
	hosts := map[string][]weightedRoute{}
	for _, configuration := range configurations {
		for _, host := range configuration.GetVirtualHosts() {
			routes := []weightedRoute{}
			for _, one := range host.GetRoutes() {
				if clusters := weights(one.GetRoute()); len(clusters) > 0 {
					routes = append(routes, weightedRoute{Match: match(one.GetMatch()), Clusters: clusters})
				}
			}
			hosts[host.GetName()] = routes
		}
	}
	return hosts
}

func weights(action *route.RouteAction) map[string]uint32 {
	found := map[string]uint32{}
	if name := action.GetCluster(); name != "" {
		found[name] = 100
	}
	for _, cluster := range action.GetWeightedClusters().GetClusters() {
		found[cluster.GetName()] += cluster.GetWeight().GetValue()
	}
	return found
}

func match(of *route.RouteMatch) string {
	text := ""
	switch path := of.GetPathSpecifier().(type) {
	case *route.RouteMatch_Prefix:
		text = "prefix " + path.Prefix
	case *route.RouteMatch_PathSeparatedPrefix:
		text = "prefix " + path.PathSeparatedPrefix
	case *route.RouteMatch_Path:
		text = "path " + path.Path
	case *route.RouteMatch_SafeRegex:
		text = "regex " + path.SafeRegex.GetRegex()
	default:
		text = fmt.Sprintf("%T", path)
	}
	for _, header := range of.GetHeaders() {
		text += " header " + header.GetName()
	}
	return text
}

// clustersOf leaves out Istio's own for what it does not know, which have no endpoints that it could name.
func clustersOf(hosts map[string][]weightedRoute) []string {
	names := map[string]bool{}
	for _, routes := range hosts {
		for _, one := range routes {
			for name := range one.Clusters {
				if strings.HasPrefix(name, "outbound|") {
					names[name] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// healthy counts those that a sidecar would send requests to; a server that checks no health says unknown.
func healthy(assignment *endpoint.ClusterLoadAssignment) int {
	count := 0
	for _, place := range assignment.GetEndpoints() {
		for _, one := range place.GetLbEndpoints() {
			if status := one.GetHealthStatus(); status == core.HealthStatus_UNKNOWN || status == core.HealthStatus_HEALTHY {
				count++
			}
		}
	}
	return count
}
