package main

import (
	"fmt"
	"strings"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

// rpcaMethod is a method by the name that the command line has for it.
type rpcaMethod struct {
	name, what string
	gradient   bool // it descends along the gradient of f, and starts from a spectral point
	method     func(seed uint64) lr.Method
}

// methods has the default first.
func methods() []rpcaMethod {
	return []rpcaMethod{
		{"accaltproj", "accelerated alternating projections", false, func(seed uint64) lr.Method { return solver.AccAltProj{Seed: seed} }},
		{"altproj", "alternating projections, the rank growing to r", false, func(seed uint64) lr.Method { return solver.AltProj{Seed: seed} }},
		{"ircur", "from few rows and columns: for very large data", false, func(seed uint64) lr.Method { return solver.IRCUR{Seed: seed} }},
		{"pcp", "principal component pursuit, the convex method: to compare with", false, func(seed uint64) lr.Method { return solver.PCP{Seed: seed} }},
		{"robustgd", "gradient descent of Yi et al.", true, func(uint64) lr.Method { return solver.RobustGD{} }},
		{"scaledgd", "scaled gradient descent", true, func(uint64) lr.Method { return solver.ScaledGD{} }},
		{"gd", "gradient descent", true, func(uint64) lr.Method { return solver.GD{} }},
		{"lbfgs", "limited-memory quasi-Newton", true, func(uint64) lr.Method { return solver.LBFGS{} }},
	}
}

func methodNames() []string {
	var names []string
	for _, m := range methods() {
		names = append(names, m.name)
	}
	return names
}

// methodTable is for the command's help.
func methodTable() string {
	var b strings.Builder
	for _, m := range methods() {
		fmt.Fprintf(&b, "  %-12s  %s\n", m.name, m.what)
	}
	return b.String()
}

func findMethod(name string) (rpcaMethod, bool) {
	for _, m := range methods() {
		if m.name == strings.ToLower(name) {
			return m, true
		}
	}
	return rpcaMethod{}, false
}

// maxIter is the default limit of steps.
func (m rpcaMethod) maxIter() int {
	if m.gradient {
		return 1000
	}
	return 200
}

// start is where the method begins: the projections make their own start from
// L = 0.
func (m rpcaMethod) start(p lr.Problem, seed uint64) (*lr.Factors, error) {
	if m.gradient {
		return initial.Spectral{Seed: seed}.Point(p)
	}
	return initial.Zero{}.Point(p)
}

// stop is the rule that ends a run. Methods that split the data themselves
// notice on their own when the residual no longer falls, as it does not with
// data that have noise.
func (m rpcaMethod) stop(tolerance float64) lr.Stop {
	if m.gradient {
		return lr.Any(lr.GradReduced(tolerance), lr.StalledFor(20, 1e-5))
	}
	return lr.ResidualBelow(tolerance)
}
