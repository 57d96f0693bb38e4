package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"
)

const (
	routeType    = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
	endpointType = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
	// istiod's answers for a big mesh are bigger than gRPC's 4 MB.
	maxMessage = 64 << 20
)

type question struct {
	address, node, namespace string
	routes                   []string
}

// listen asks for the routes and then for the endpoints of the clusters in them, on one stream, and hands over each state
// for which both are known, until told tells it that it was the last.
// https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#aggregated-discovery-service
func listen(ctx context.Context, asked question, tell func(answer) bool) error {
	connection, err := grpc.NewClient(asked.address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)))
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	stream, err := discovery.NewAggregatedDiscoveryServiceClient(connection).StreamAggregatedResources(ctx)
	if err != nil {
		return err
	}
	metadata, err := structpb.NewStruct(map[string]any{
		"NAMESPACE": asked.namespace, "CLUSTER_ID": "Kubernetes", "ISTIO_VERSION": "1.30.3",
	})
	if err != nil {
		return err
	}
	first := &discovery.DiscoveryRequest{
		Node:    &core.Node{Id: asked.node, Metadata: metadata},
		TypeUrl: routeType, ResourceNames: asked.routes,
	}
	if err := stream.Send(first); err != nil {
		return err
	}
	known := state{routes: map[string]*route.RouteConfiguration{}, endpoints: map[string]int{}}
	for {
		response, err := stream.Recv()
		if err != nil {
			return err
		}
		names, err := known.take(response)
		if err != nil {
			return err
		}
		if response.GetTypeUrl() == routeType {
			names = asked.routes
		}
		accept := &discovery.DiscoveryRequest{
			TypeUrl: response.GetTypeUrl(), ResourceNames: names,
			VersionInfo: response.GetVersionInfo(), ResponseNonce: response.GetNonce(),
		}
		if err := stream.Send(accept); err != nil {
			return err
		}
		if response.GetTypeUrl() == routeType && known.subscribe() {
			more := &discovery.DiscoveryRequest{
				TypeUrl: endpointType, ResourceNames: known.clusters,
				VersionInfo: known.version, ResponseNonce: known.nonce,
			}
			if err := stream.Send(more); err != nil {
				return err
			}
		}
		if seen, complete := known.answer(); complete && !tell(seen) {
			return nil
		}
	}
}

type state struct {
	routes    map[string]*route.RouteConfiguration
	clusters  []string
	endpoints map[string]int
	// Of the last answer about endpoints: a request without it is not taken for a change of the subscription.
	version, nonce string
}

// take returns the names that are subscribed to after an answer about endpoints.
func (s *state) take(response *discovery.DiscoveryResponse) ([]string, error) {
	for _, resource := range response.GetResources() {
		switch response.GetTypeUrl() {
		case routeType:
			configuration := &route.RouteConfiguration{}
			if err := resource.UnmarshalTo(configuration); err != nil {
				return nil, err
			}
			s.routes[configuration.GetName()] = configuration
		case endpointType:
			assignment := &endpoint.ClusterLoadAssignment{}
			if err := resource.UnmarshalTo(assignment); err != nil {
				return nil, err
			}
			s.endpoints[assignment.GetClusterName()] = healthy(assignment)
		default:
			return nil, fmt.Errorf("an answer about %s, which was not asked for", response.GetTypeUrl())
		}
	}
	if response.GetTypeUrl() == endpointType {
		s.version, s.nonce = response.GetVersionInfo(), response.GetNonce()
	}
	return s.clusters, nil
}

// subscribe is true when the routes name clusters other than those that are subscribed to.
func (s *state) subscribe() bool {
	wanted := clustersOf(hostsOf(s.routes))
	if slices.Equal(wanted, s.clusters) {
		return false
	}
	s.clusters = wanted
	maps.DeleteFunc(s.endpoints, func(name string, _ int) bool { return !slices.Contains(wanted, name) })
	return true
}

// answer is complete when the endpoints of all clusters in the routes are known.
func (s *state) answer() (answer, bool) {
	seen := answer{At: now(), Hosts: hostsOf(s.routes), Endpoints: map[string]int{}}
	for _, name := range s.clusters {
		count, known := s.endpoints[name]
		if !known {
			return seen, false
		}
		seen.Endpoints[name] = count
	}
	return seen, len(s.routes) > 0
}
