package theory

import (
	"context"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
)

// truncation is what truncating did for one instance.
type truncation struct {
	raw, cut float64 // relative errors of M, without and with it
	outside  int     // entries of the truncated S* beyond the cap, or outside the support of S*
}

// truncated draws data whose outliers are far beyond the cap of the set.
func truncated(ctx context.Context, seed uint64) (truncation, error) {
	var t truncation
	c := problem.RandomRobustPCA{D1: 24, D2: 20, Rank: 2, Kappa: 1.5, Alpha: 0.06, Seed: seed}
	clean, err := c.New()
	if err != nil {
		return t, err
	}
	mu, err := landscape.Incoherence(clean.Truth(), 2)
	if err != nil {
		return t, err
	}
	limit, err := sparse.CapOf(mu.Mu, 2, mu.Sigma[0], c.D1, c.D2)
	if err != nil {
		return t, err
	}
	wrong := clean.Split().Truth
	gross := mat.DenseCopyOf(clean.Truth())
	rows, cols, values := wrong.Triplets()
	for k, v := range values {
		gross.Set(rows[k], cols[k], gross.At(rows[k], cols[k])+1000*v)
	}
	small, _, err := sparse.Truncate(gross, limit/2)
	if err != nil {
		return t, err
	}
	for i := range c.D1 {
		for j := range c.D2 {
			s := small.At(i, j) - clean.Truth().At(i, j)
			if math.Abs(s) > limit*(1+1e-12) || wrong.At(i, j) == 0 && math.Abs(s) > 1e-12 {
				t.outside++
			}
		}
	}
	if t.raw, err = robustError(ctx, gross, limit, clean.Truth(), seed); err != nil {
		return t, err
	}
	t.cut, err = robustError(ctx, small, limit, clean.Truth(), seed)
	return t, err
}

// robustError solves (6) with a cap and returns the relative error of M.
func robustError(ctx context.Context, data *mat.Dense, limit float64, truth *lr.Factors, seed uint64) (float64, error) {
	s, err := problem.RobustPCA{Data: data, Rank: truth.Rank(), Alpha: 0.06, Gamma: 1.7, Cap: limit, Projection: sparse.Exact, Truth: truth}.New()
	if err != nil {
		return 0, err
	}
	p, err := balanced(s, nil)
	if err != nil {
		return 0, err
	}
	x, err := lbfgsEnd(ctx, p, normalPoint(lr.Stream(seed, "truncation"), p, 0.3), 300)
	if err != nil {
		return 0, err
	}
	return lr.RelErr(x, truth), nil
}

// flowShare is what the entries chosen by a maximum flow gain, as a part of the
// best, for a normal 12×12 matrix and one entry in each line.
func flowShare(ctx context.Context, seed uint64) (float64, error) {
	const d = 12
	x := lr.NormalMatrix(lr.Stream(seed, "flow"), d, d)
	best, err := sparse.Project(ctx, x, lr.SparseSet{Alpha: 1. / d}, sparse.Exact)
	if err != nil {
		return 0, err
	}
	rowOf := make([]int, d)
	for j := range rowOf {
		rowOf[j] = -1
	}
	for i := range d {
		augment(x, rowOf, make([]bool, d), i)
	}
	var gain float64
	for j, i := range rowOf {
		if i >= 0 {
			gain += float64(x.At(i, j) * x.At(i, j))
		}
	}
	return gain / sparse.Gain(x, best), nil
}

// augment finds a column for row i by an augmenting path over the entries that
// are not 0: the step of a maximum flow of one entry in each line.
func augment(x *mat.Dense, rowOf []int, seen []bool, i int) bool {
	for j := range rowOf {
		if x.At(i, j) == 0 || seen[j] {
			continue
		}
		seen[j] = true
		if rowOf[j] < 0 || augment(x, rowOf, seen, rowOf[j]) {
			rowOf[j] = i
			return true
		}
	}
	return false
}
