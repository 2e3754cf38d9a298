package problem_test

import (
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
)

// TestSplitSuite runs the conformance suite. f is smooth but where another entry
// becomes one of the largest; the steps of the suite's Taylor checks from its
// points do not go that far in these small matrices.
func TestSplitSuite(t *testing.T) {
	for name, c := range map[string]problem.RandomRobustPCA{
		"plain":       {D1: 12, D2: 9, Rank: 2, Alpha: 0.2, Seed: 1},
		"capped":      {D1: 12, D2: 9, Rank: 2, Alpha: 0.2, Cap: 0.5, Seed: 1},
		"exact":       {D1: 10, D2: 11, Rank: 3, Alpha: 0.2, Projection: sparse.Exact, Seed: 2},
		"greedy":      {D1: 10, D2: 11, Rank: 3, Alpha: 0.2, Projection: sparse.Greedy, Seed: 2},
		"gaps":        {D1: 13, D2: 8, Rank: 1, Alpha: 0.3, Observed: 0.7, Seed: 3},
		"symmetric":   {D1: 11, Rank: 2, Alpha: 0.2, Symmetric: true, Seed: 4},
		"matrix-free": {D1: 12, D2: 9, Rank: 2, Alpha: 0.2, Gamma: 2, Uniform: true, MatrixFree: true, Seed: 5},
		"many blocks": {D1: 150, D2: 170, Rank: 4, Alpha: 0.02, Seed: 6},
		"thin rows":   {D1: 300, D2: 4, Rank: 1, Alpha: 0.25, Seed: 7},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := c.New()
			if err != nil {
				t.Fatal(err)
			}
			o := lowranktest.ProblemOptions{MajoriserInexact: c.Projection != sparse.Exact}
			lowranktest.TestProblem(t, p, o)
			if !c.Symmetric {
				t.Run("balanced", func(t *testing.T) { lowranktest.TestProblem(t, balanced(t, p, 0.3), o) })
			}
			if c.Projection == sparse.Threshold {
				t.Run("listed", func(t *testing.T) { lowranktest.TestProblem(t, asList(t, p), o) })
			}
		})
	}
}

// asList is p with its observed entries in a list.
func asList(t testing.TB, p *problem.Split) *problem.Split {
	t.Helper()
	seen, err := operator.NewObserved(p.Split().Data)
	if err != nil {
		t.Fatal(err)
	}
	_, _, r := p.Dims()
	s := p.Split().Set
	return madeSplit(t, problem.RobustPCA{
		Mask: seen.Mask, Values: seen.Values, Rank: r, Alpha: s.Alpha, Gamma: s.Gamma, Cap: s.Cap,
		Symmetric: lr.SymmetricOf(p), Truth: p.Truth(), TruthSparse: p.Split().Truth,
	})
}
