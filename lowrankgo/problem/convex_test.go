package problem_test

import (
	"fmt"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// TestConvex lists what is known of each kind of objective, also through
// wrappers. The conformance suite holds those that are convex to it.
func TestConvex(t *testing.T) {
	made := must(t)
	rng := lr.Stream(1, "convex")
	a := lr.NormalMatrix(rng, 5, 4)
	fact := made(problem.Factorisation{A: a, Rank: 2}.New())
	mask, err := operator.NewBernoulliMask(5, 4, 0.8, 1)
	ok(t, mask, err)
	_, _, m := mask.Dims()
	gauss, err := operator.NewGaussian(5, 4, 9, 1)
	ok(t, gauss, err)
	square := func(_ int, x float64) (value, slope, curvature float64) { return x * x / 2, x, 1 }
	loss := problem.MeasurementLoss{Operator: gauss, Phi: square, Rank: 2}
	believed := loss
	believed.Convex = true
	f := problem.Function{D1: 5, D2: 4, Rank: 2,
		F:    func(x *mat.Dense) float64 { return 0 },
		Grad: func(dst, _ *mat.Dense) { dst.Zero() },
	}
	convexF := f
	convexF.Convex = true
	truth := &lr.Factors{U: lr.NormalMatrix(rng, 5, 2), V: lr.NormalMatrix(rng, 4, 2)}
	form := func(h *operator.QuadraticForm, err error) lr.Problem {
		t.Helper()
		ok(t, h, err)
		return made(problem.General{Form: h, Truth: truth, Rank: 2}.New())
	}
	eye := mat.NewDense(20, 20, nil)
	for i := range 20 {
		eye.Set(i, i, 1)
	}
	robust := made(problem.RobustPCA{Data: a, Rank: 2, Alpha: 0.3}.New())
	frozen, err := lr.MajoriserOf(robust, lr.NewPoint(robust))
	ok(t, frozen, err)
	lossless := made(loss.New())
	for name, c := range map[string]struct {
		p    lr.Problem
		want bool
	}{
		"factorisation":      {fact, true},
		"sensing":            {made(problem.RandomSensing{Operator: gauss, Rank: 2, Seed: 1}.New()), true},
		"completion":         {made(problem.RandomCompletion{D1: 5, D2: 4, Rank: 2, P: 0.7, Seed: 1}.New()), true},
		"weighted":           {made(problem.WeightedFactorisation{A: a, Weights: ones(5, 4), Rank: 2}.New()), true},
		"counterexample":     {made(problem.Counterexample{Epsilon: 0.5}.New()), true},
		"one bit":            {made(problem.RandomOneBit{D1: 5, D2: 4, Rank: 2, P: 0.7, Seed: 1}.New()), true},
		"Poisson":            {made(problem.Poisson{Mask: mask, Values: make([]float64, m), Rank: 2}.New()), true},
		"Huber":              {made(problem.Huber{Operator: gauss, B: make([]float64, 9), Rank: 2, Threshold: 1}.New()), true},
		"smooth Huber":       {made(problem.Huber{Operator: gauss, B: make([]float64, 9), Rank: 2, Threshold: 1, Smooth: true}.New()), true},
		"a loss":             {lossless, false},
		"a convex loss":      {made(believed.New()), true},
		"a function":         {made(f.New()), false},
		"a convex function":  {made(convexF.New()), true},
		"Gram form":          {form(operator.GramForm{Operator: gauss}.New()), true},
		"I + δK":             {form(operator.Perturbed{D1: 5, D2: 4, Delta: 0.9, Seed: 1}.New()), true},
		"a dense form":       {form(operator.DenseForm{D1: 5, D2: 4, H: eye}.New()), false},
		"robust PCA":         {robust, false},
		"its majoriser":      {frozen, true},
		"balanced":           {made(problem.Balance{Of: fact, Mu: 0.5}.New()), true},
		"ridge on a loss":    {made(problem.Ridge{Of: lossless, Lambda: 1}.New()), false},
		"linear":             {made(problem.Linear{Of: fact, N: a}.New()), true},
		"linear on a loss":   {made(problem.Linear{Of: lossless, N: a}.New()), false},
		"linear on balanced": {made(problem.Linear{Of: made(problem.Balance{Of: fact, Mu: 0.5}.New()), N: a}.New()), true},
		"lifted":             {made(problem.Lift{Of: made(problem.Balance{Of: fact, Mu: 0.5}.New())}.New()), true},
		"lifted robust PCA":  {made(problem.Lift{Of: robust}.New()), false},
		"blocks":             {made(problem.Separable{Parts: []lr.Problem{fact, fact}}.New()), true},
		"blocks, one a loss": {made(problem.Separable{Parts: []lr.Problem{fact, lossless}}.New()), false},
	} {
		if got := lr.ConvexOf(c.p); got != c.want {
			t.Errorf("%s (%v): convex is %t, want %t", name, c.p, got, c.want)
		}
	}
}

// TestConvexDirectly: wrappers answer for the problem inside also where nobody
// leaves out their terms first.
func TestConvexDirectly(t *testing.T) {
	fact := must(t)(problem.Factorisation{A: ones(4, 3), Rank: 1}.New())
	for _, p := range []lr.Problem{
		must(t)(problem.Balance{Of: fact, Mu: 0.5}.New()),
		must(t)(problem.Lift{Of: fact}.New()),
		must(t)(problem.Separable{Parts: []lr.Problem{fact}}.New()),
	} {
		if c, is := p.(interface{ Convex() bool }); !is || !c.Convex() {
			t.Errorf("%v does not say that its f is convex", p)
		}
	}
}

func ones(d1, d2 int) *mat.Dense {
	m := mat.NewDense(d1, d2, nil)
	for i := range d1 {
		for j := range d2 {
			m.Set(i, j, 1)
		}
	}
	return m
}

func ExampleObjective_Convex() {
	a := mat.NewDense(2, 2, []float64{4, 0, 0, 1})
	p, err := problem.Factorisation{A: a, Rank: 1}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	q, err := problem.RobustPCA{Data: a, Rank: 1, Alpha: 0.5}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Convex(), q.Convex())
	// Output: true false
}
