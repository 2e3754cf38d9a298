package solver

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// triplets are some of the singular values of a matrix, falling, and their
// vectors in the columns of u and v, which may have more columns.
type triplets struct {
	sigma []float64
	u, v  *mat.Dense
}

const (
	spareColumns = 10   // of a sketch, beyond the values expected
	mustBeBelow  = 4    // values of a sketch that must be below the threshold
	topRounds    = 8    // most rounds of subspace iteration
	topAccuracy  = 1e-3 // of vectors, as a multiple of the threshold
)

// topAbove returns all singular triplets of a with values above tau > 0, about
// guess of them. They come from subspace iteration with a sketch of as many
// columns and some to spare, of which some must be below tau, until ‖Av − σu‖ ≤
// tau/1000 for each (Aᵀu = σv holds as it is). Where that takes more than a
// third of all columns, or more than eight rounds, they come from a complete
// SVD.
func topAbove(ctx context.Context, a *mat.Dense, tau float64, guess int, rng *rand.Rand) (*triplets, error) {
	d1, d2 := a.Dims()
	for k := guess + spareColumns; 3*k <= min(d1, d2); k *= 2 {
		t, more, err := sketchAbove(ctx, a, tau, k, rng)
		if err != nil || t != nil {
			return t, err
		}
		if !more {
			break
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDThin) {
		return nil, fmt.Errorf("solver: PCP: the singular values of a %d×%d matrix were not found: %w", d1, d2, lr.ErrFailed)
	}
	t := &triplets{sigma: svd.Values(nil), u: new(mat.Dense), v: new(mat.Dense)}
	svd.UTo(t.u)
	svd.VTo(t.v)
	return t.above(tau), nil
}

// sketchAbove is topAbove by a sketch of k columns. Without a result, more says
// whether a wider sketch may help.
func sketchAbove(ctx context.Context, a *mat.Dense, tau float64, k int, rng *rand.Rand) (t *triplets, more bool, err error) {
	d1, d2 := a.Dims()
	left, right := mat.NewDense(d1, k, nil), mat.NewDense(d2, k, nil)
	for i := range d2 {
		row := right.RawRowView(i)
		for j := range row {
			row[j] = rng.NormFloat64()
		}
	}
	left.Mul(a, right)
	for range topRounds {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		linalg.Orthonormalise(left)
		right.Mul(a.T(), left)
		var svd mat.SVD
		if !svd.Factorize(right, mat.SVDThin) {
			return nil, false, nil
		}
		var turn mat.Dense
		t := &triplets{sigma: svd.Values(nil), u: mat.NewDense(d1, k, nil), v: new(mat.Dense)}
		svd.UTo(t.v)
		svd.VTo(&turn)
		t.u.Mul(left, &turn)
		left.Mul(a, t.v) // the next round, and the check of this one
		all := len(t.sigma)
		t.above(tau)
		if t.accurate(left, topAccuracy*tau) {
			if len(t.sigma)+mustBeBelow > all {
				return nil, true, nil
			}
			return t, false, nil
		}
	}
	return nil, false, nil
}

// above keeps the values above tau.
func (t *triplets) above(tau float64) *triplets {
	n := 0
	for n < len(t.sigma) && t.sigma[n] > tau {
		n++
	}
	t.sigma = t.sigma[:n]
	return t
}

// accurate reports whether ‖av − σu‖ ≤ tol for each triplet, given AV.
func (t *triplets) accurate(av *mat.Dense, tol float64) bool {
	sums := make([]float64, len(t.sigma))
	for i := range av.RawMatrix().Rows {
		x, u := av.RawRowView(i), t.u.RawRowView(i)
		for k, sigma := range t.sigma {
			e := x[k] - float64(sigma*u[k])
			sums[k] += float64(e * e)
		}
	}
	for _, v := range sums {
		if !(math.Sqrt(v) <= tol) {
			return false
		}
	}
	return true
}

// shrink takes tau from each value.
func (t *triplets) shrink(tau float64) {
	for k := range t.sigma {
		t.sigma[k] -= tau
	}
}

// product sets dst = Σ σuvᵀ.
func (t *triplets) product(dst *mat.Dense) {
	n := len(t.sigma)
	if n == 0 {
		dst.Zero()
		return
	}
	d1, d2 := dst.Dims()
	scaled := mat.DenseCopyOf(t.u.Slice(0, d1, 0, n))
	for k, sigma := range t.sigma {
		linalg.ScaleColumn(scaled, k, sigma)
	}
	dst.Mul(scaled, t.v.Slice(0, d2, 0, n).T())
}

// factors sets x to the triplets with the largest values, as many as it has
// columns, or columns of 0.
func (t *triplets) factors(x *lr.Factors) {
	fill := func(dst, vectors *mat.Dense) {
		for i := range dst.RawMatrix().Rows {
			row := dst.RawRowView(i)
			clear(row)
			for k := range min(len(row), len(t.sigma)) {
				row[k] = vectors.At(i, k) * math.Sqrt(t.sigma[k])
			}
		}
	}
	fill(x.U, t.u)
	fill(x.V, t.v)
}
