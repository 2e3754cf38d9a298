package sparse

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

// CapOf is the bound on the entries of the sparse part that [G] §3.3 sets,
//
//	2μ·r·σ1*/√(d1·d2)
//
// for a low-rank part M* of rank r, incoherence μ and largest singular value
// σ1* (for a symmetric d×d one, 2μ·r·σ1*/d). No entry of M* exceeds half of it,
// so that it is no loss of generality: [Truncate] with that half as limit makes
// all entries of S* obey it. μ is from 1 to max(d1, d2)/r by its definition,
//
//	‖eᵢᵀX‖² ≤ μr/d1,  ‖eⱼᵀY‖² ≤ μr/d2,  M* = XDYᵀ
//
// The errors name what is out of range.
func CapOf(mu float64, r int, sigma1 float64, d1, d2 int) (float64, error) {
	switch {
	case d1 < 1 || d2 < 1:
		return 0, fmt.Errorf("sparse: a cap for %d×%d matrices is wanted; both sides must be at least 1: %w", d1, d2, lr.ErrShape)
	case r < 1 || r > min(d1, d2):
		return 0, fmt.Errorf("sparse: a cap for rank %d in %d×%d is wanted; a rank from 1 to %d is possible: %w", r, d1, d2, min(d1, d2), lr.ErrRank)
	case !(mu >= 1-1e-9) || math.IsInf(mu, 0):
		return 0, fmt.Errorf("sparse: a cap for the incoherence μ = %v is wanted; by its definition μ is from 1 to %.4g here: %w", mu, float64(max(d1, d2))/float64(r), lr.ErrValue)
	case !(sigma1 > 0) || math.IsInf(sigma1, 0):
		return 0, fmt.Errorf("sparse: a cap for σ1 = %v is wanted; a positive finite singular value is: %w", sigma1, lr.ErrValue)
	}
	return 2 * mu * float64(r) * (sigma1 / math.Sqrt(float64(d1)) / math.Sqrt(float64(d2))), nil
}

// Truncate returns a copy of the d1×d2 matrix x with its entries clipped to
// [−limit, limit], and how many were. NaN stays NaN, an infinite entry becomes
// ±limit, and [math.Inf](1) is no limit.
//
// An entry of the data Mo = M* + S* beyond the largest |M*_ij| is in S* for
// certain, and how far beyond says nothing of M* ([G] §3.3). Clipped there it
// remains an entry of S*, of at most twice that magnitude: the cap of the set
// and the data then fit, with limit = Cap/2. Without it, a grosser entry is
// more than the cap can take away, and what is left of it bends the low-rank
// part. A limit below the largest |M*_ij| cuts into M* itself.
func Truncate(x mat.Matrix, limit float64) (*mat.Dense, int, error) {
	if err := checkMatrix(x); err != nil {
		return nil, 0, err
	}
	if !(limit > 0) {
		return nil, 0, fmt.Errorf("sparse: entries are to be clipped to ±%v; a positive magnitude is wanted: %w", limit, lr.ErrValue)
	}
	d1, d2 := x.Dims()
	y, buf, n := mat.NewDense(d1, d2, nil), make([]float64, d2), 0
	for i := range d1 {
		to := y.RawRowView(i)
		copy(to, tiles.Row(x, buf, i, 0, d2))
		for j, v := range to {
			if math.Abs(v) > limit {
				to[j] = math.Copysign(limit, v)
				n++
			}
		}
	}
	return y, n, nil
}
