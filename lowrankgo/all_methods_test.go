package lowrankgo_test

import (
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/optimize"
)

type listedMethod struct {
	of     string
	m      lr.Method
	o      lowranktest.MethodOptions
	needs  []lr.Ability
	factor bool // it needs two factors
	loose  bool // it settles slowly where not all terms can be 0 at once
	splits bool // it splits data itself, from zero, and ends by its residual
}

func listedMethods() []listedMethod {
	falls := lowranktest.MethodOptions{Monotone: true}
	return []listedMethod{
		{of: "GD", m: solver.GD{}, o: falls},
		{of: "GD", m: solver.GD{Rule: solver.RuleArmijo}, o: falls},
		{of: "GD", m: solver.GD{Rule: solver.RuleBarzilaiBorwein}},
		{of: "Accelerated", m: solver.Accelerated{}, o: falls},
		{of: "Accelerated", m: solver.Accelerated{Restart: solver.RestartGradient}},
		{of: "ConjugateGradient", m: solver.ConjugateGradient{}, o: falls},
		{of: "LBFGS", m: solver.LBFGS{}, o: falls},
		{of: "PerturbedGD", m: solver.PerturbedGD{Seed: 1}},
		{of: "ScaledGD", m: solver.ScaledGD{}, o: falls},
		{of: "ScaledGD", m: solver.ScaledGD{ErrorDamping: 0.1}, o: falls},
		{of: "SGD", m: solver.SGD{Batch: 20, Seed: 1}, loose: true, needs: []lr.Ability{lr.AbilityBatches}},
		{of: "NoisySGD", m: solver.NoisySGD{Batch: 20, Seed: 1}, o: lowranktest.MethodOptions{Endless: true}},
		{of: "AltMin", m: solver.AltMin{}, o: falls, needs: []lr.Ability{lr.AbilityLeastSquares}, factor: true},
		{of: "AltMin", m: solver.AltMin{Inner: solver.InnerLSQR}, o: falls, needs: []lr.Ability{lr.AbilityLeastSquares}, factor: true},
		{of: "RobustGD", m: solver.RobustGD{}, needs: []lr.Ability{lr.AbilitySplit, lr.AbilityMulGrad}},
		{of: "RobustGD", m: solver.RobustGD{Mu: 14}, needs: []lr.Ability{lr.AbilitySplit, lr.AbilityMulGrad}},
		{of: "AltProj", m: solver.AltProj{}, needs: []lr.Ability{lr.AbilitySplit}, factor: true, splits: true},
		{of: "AccAltProj", m: solver.AccAltProj{}, needs: []lr.Ability{lr.AbilitySplit}, factor: true, splits: true},
		{of: "IRCUR", m: solver.IRCUR{Samples: 6}, o: lowranktest.MethodOptions{Estimates: true}, needs: []lr.Ability{lr.AbilitySplit}, factor: true, splits: true},
		{of: "PCP", m: solver.PCP{}, o: lowranktest.MethodOptions{Allocates: true}, needs: []lr.Ability{lr.AbilitySplit}, factor: true, splits: true},
		{of: "Gonum", m: solver.Gonum{Method: &optimize.LBFGS{}}, o: lowranktest.MethodOptions{NoSave: true, Allocates: true}},
	}
}

// has reports whether p has an ability.
func has(p lr.Problem, a lr.Ability) (ok bool) {
	switch a {
	case lr.AbilityBatches:
		_, ok = lr.BatchesOf(p)
	case lr.AbilityLeastSquares:
		_, ok = lr.LeastSquaresOf(p)
	case lr.AbilitySplit:
		_, ok = lr.SplitOf(p)
	case lr.AbilityMulGrad:
		_, ok = lr.MulGradOf(p)
	}
	return ok
}

// lists reports whether p is robust PCA on a list of entries.
func lists(p lr.Problem) bool {
	split, ok := lr.SplitOf(p)
	return ok && split.Data == nil
}

// TestAllMethods runs the conformance suite over every exported method on
// every listed problem, and on one made of functions: one that a method cannot
// work on is refused.
func TestAllMethods(t *testing.T) {
	for _, m := range listedMethods() {
		for _, p := range append(listedProblems(), listedProblem{"Funcs", "functions", everyAbility(), zero}) {
			t.Run(m.m.Name()+"/"+p.name, func(t *testing.T) { onProblem(t, m, p) })
		}
	}
}

func onProblem(t *testing.T, m listedMethod, p listedProblem) {
	x0, err := initial.Random{Seed: 3}.Point(p.p)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range m.needs {
		if !has(p.p, a) && !(m.factor && lr.SymmetricOf(p.p)) {
			lowranktest.TestRefuses(t, m.m, p.p, x0, a)
			return
		}
	}
	if m.factor && lr.SymmetricOf(p.p) {
		if _, err := lr.Start(p.p, m.m, x0, nil); !errors.Is(err, lr.ErrAbility) {
			t.Errorf("a symmetric problem gives the error %v; want one that wraps ErrAbility", err)
		}
		return
	}
	if m.splits && lists(p.p) {
		lowranktest.TestRefuses(t, m.m, p.p, x0, lr.AbilitySplit)
		return
	}
	o := m.o
	o.Stop, o.MaxIter, o.RelErr = lr.GradReduced(1e-6), 3000, 1e-4
	switch {
	case m.splits:
		x0, o.Stop = lr.NewPoint(p.p), lr.ResidualBelow(1e-6)
		if p.of == "Funcs" { // 4×5 of rank 2: what is left without a few entries does not determine it
			o.RelErr = math.Inf(1)
		}
	case m.loose && p.kind != zero:
		o.Stop, o.RelErr = lr.GradReduced(3e-2), math.Inf(1)
	case p.kind == rough:
		o.RelErr = 0.05
	case p.kind == other:
		o.RelErr = math.Inf(1)
	}
	lowranktest.TestMethod(t, m.m, p.p, x0, o)
}
