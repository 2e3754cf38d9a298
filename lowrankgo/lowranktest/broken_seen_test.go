package lowranktest_test

import (
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
)

// brokenConvex is −½‖M‖², said to be convex.
func brokenConvex(t *testing.T) {
	p, err := problem.Function{
		D1: 4, D2: 3, Rank: 2, Convex: true,
		F: func(x *mat.Dense) float64 {
			n := mat.Norm(x, 2)
			return -n * n / 2
		},
		Grad: func(dst, x *mat.Dense) { dst.Scale(-1, x) },
		Hess: func(dst, _, d *mat.Dense) { dst.Scale(-1, d) },
	}.New()
	if err != nil {
		t.Fatal(err)
	}
	lowranktest.TestProblem(t, p)
}

// bentTwice is sensing that says of its f twice the curvature that it has.
type bentTwice struct{ *problem.Quadratic }

func (b bentTwice) Curvature(*lr.Factors) (lr.Form, error) {
	return operator.GramForm{Operator: b.Operator(), Scale: 2 * b.Weight()}.New()
}

func brokenCurvature(t *testing.T) { lowranktest.TestProblem(t, bentTwice{good(t)}) }

// nearlyDefinite is 10 times the identity but for one direction, in which it is
// −1: only one that looks for it finds it.
type nearlyDefinite struct{ *operator.QuadraticForm }

func (nearlyDefinite) Semidefinite() bool { return true }

func brokenSemidefinite(t *testing.T) {
	const d1, d2 = 4, 3
	h := mat.NewDense(d1*d2, d1*d2, nil)
	for i := range d1 * d2 {
		h.Set(i, i, 10)
	}
	h.Set(7, 7, -1)
	form, err := operator.DenseForm{D1: d1, D2: d2, H: h}.New()
	if err != nil {
		t.Fatal(err)
	}
	lowranktest.TestForm(t, nearlyDefinite{form}, nil)
}

// badMajorised is robust PCA with a majoriser that a fault changes.
type badMajorised struct {
	*problem.Split
	fault func(p *problem.Split, x *lr.Factors, g lr.Problem) (lr.Problem, error)
}

func (b badMajorised) Majoriser(x *lr.Factors) (lr.Problem, error) {
	g, err := b.Split.Majoriser(x)
	if err != nil {
		return nil, err
	}
	return b.fault(b.Split, x, g)
}

func brokenMajoriser(fault func(p *problem.Split, x *lr.Factors, g lr.Problem) (lr.Problem, error)) func(t *testing.T) {
	return func(t *testing.T) {
		lowranktest.TestProblem(t, badMajorised{sharpPCA(t, sparse.Exact), fault})
	}
}

// sharpPCA is a small robust PCA whose default rule, unlike the exact one, is not
// always the projection.
func sharpPCA(t *testing.T, rule sparse.Rule) *problem.Split {
	t.Helper()
	p, err := problem.RandomRobustPCA{D1: 12, D2: 9, Rank: 2, Alpha: 0.2, Gamma: 2, Uniform: true, Projection: rule, Seed: 5}.New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// higher is g + 1.
func higher(_ *problem.Split, _ *lr.Factors, g lr.Problem) (lr.Problem, error) {
	d1, d2, _ := g.Dims()
	return problem.Linear{Of: g, N: mat.NewDense(d1, d2, nil), Constant: 1}.New()
}

// elsewhere is the majoriser at another point.
func elsewhere(p *problem.Split, x *lr.Factors, _ lr.Problem) (lr.Problem, error) {
	y := x.Clone()
	y.U.Set(0, 0, y.U.At(0, 0)+3)
	return p.Majoriser(y)
}

// first has first derivatives alone.
func first(_ *problem.Split, _ *lr.Factors, g lr.Problem) (lr.Problem, error) {
	d1, d2, r := g.Dims()
	return lr.Funcs{D1: d1, D2: d2, Rank: r, GradFunc: func(dst, x *lr.Factors) float64 { return g.NewEval().Grad(dst, x) }}, nil
}

// brokenRule has a majoriser that is below it, by a rule that is not exact.
func brokenRule(t *testing.T) { lowranktest.TestProblem(t, sharpPCA(t, sparse.Threshold)) }

// TestMajorisers: what is broken without it passes with the option, or the exact
// rule.
func TestMajorisers(t *testing.T) {
	t.Run("exact", func(t *testing.T) { lowranktest.TestProblem(t, sharpPCA(t, sparse.Exact)) })
	t.Run("inexact", func(t *testing.T) {
		lowranktest.TestProblem(t, sharpPCA(t, sparse.Threshold), lowranktest.ProblemOptions{MajoriserInexact: true})
	})
}
