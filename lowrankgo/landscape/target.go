package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// target is a matrix M* by its singular pairs, and its balanced factors of
// Def 7 with as many columns as a point.
type target struct {
	factors *lr.Factors // made by balance: X√D and Y√D, or X√D alone when symmetric; zero columns where M* has lower rank
	x, y    *mat.Dense  // X, d1×r*, and Y, d2×r*; y is nil when symmetric
	sigma   []float64   // σ₁* ≥ … ≥ σᵣ* > 0; empty when M* = 0
}

// decompose finds the singular pairs of the truth that are not rounding: from
// U = X₁S₁Y₁ᵀ and V = X₂S₂Y₂ᵀ by the SVD of the small S₁Y₁ᵀY₂S₂.
func decompose(truth *lr.Factors) (*target, error) {
	left, err := thinSVD(truth.U)
	if err != nil {
		return nil, err
	}
	t := new(target)
	if truth.Symmetric() {
		t.x = left.u
		for _, s := range left.s {
			t.sigma = append(t.sigma, s*s)
		}
		t.cut()
		return t, nil
	}
	right, err := thinSVD(truth.V)
	if err != nil {
		return nil, err
	}
	var core mat.Dense
	core.Mul(left.v.T(), right.v)
	core.Apply(func(i, j int, v float64) float64 { return left.s[i] * v * right.s[j] }, &core)
	mid, err := thinSVD(&core)
	if err != nil {
		return nil, err
	}
	t.x, t.y, t.sigma = new(mat.Dense), new(mat.Dense), mid.s
	t.x.Mul(left.u, mid.u)
	t.y.Mul(right.u, mid.v)
	t.cut()
	return t, nil
}

// cut drops the singular values that are rounding.
func (t *target) cut() {
	n := 0
	for n < len(t.sigma) && t.sigma[n] > 1e-12*t.sigma[0] {
		n++
	}
	t.sigma = t.sigma[:n]
}

// balance makes the factors, of x's shape.
func (t *target) balance(x *lr.Factors) {
	t.factors = x.Clone()
	t.factors.Scale(0)
	for k, s := range t.sigma {
		root := math.Sqrt(s)
		for i := range t.x.RawMatrix().Rows {
			t.factors.U.Set(i, k, root*t.x.At(i, k))
		}
		if t.y == nil {
			continue
		}
		for j := range t.y.RawMatrix().Rows {
			t.factors.V.Set(j, k, root*t.y.At(j, k))
		}
	}
}

// lineWeight is max ‖eᵢᵀX‖²·d/r over the rows of the first r columns.
func lineWeight(x *mat.Dense, r int) float64 {
	d, most := x.RawMatrix().Rows, 0.0
	for i := range d {
		n := rowNorm(x.RawRowView(i)[:r])
		most = math.Max(most, n*n)
	}
	return most * float64(d) / float64(r)
}

// stacked is W = [U; V], or U when x is symmetric, sharing no memory with x.
func stacked(x *lr.Factors) *mat.Dense {
	if x.Symmetric() {
		return mat.DenseCopyOf(x.U)
	}
	var w mat.Dense
	w.Stack(x.U, x.V)
	return &w
}

// split views W as factors of like's shape.
func split(w *mat.Dense, like *lr.Factors) *lr.Factors {
	if like.Symmetric() {
		return &lr.Factors{U: w}
	}
	d1, d2 := like.Dims()
	r := like.Rank()
	return &lr.Factors{U: w.Slice(0, d1, 0, r).(*mat.Dense), V: w.Slice(d1, d1+d2, 0, r).(*mat.Dense)}
}

// svd is a thin singular value decomposition.
type svd struct {
	u, v *mat.Dense
	s    []float64
}

// thinSVD decomposes a copy of a, scaled by a power of two to a size near 1,
// since the decomposition loses digits of numbers near the ends of the range.
func thinSVD(a *mat.Dense) (*svd, error) {
	_, exponent := math.Frexp(math.Max(mat.Max(a), -mat.Min(a)))
	scaled := mat.DenseCopyOf(a)
	scaled.Apply(func(_, _ int, v float64) float64 { return math.Ldexp(v, -exponent) }, scaled)
	var f mat.SVD
	if !f.Factorize(scaled, mat.SVDThin) {
		r, c := a.Dims()
		return nil, fmt.Errorf("landscape: the singular value decomposition of a %d×%d matrix did not converge: %w", r, c, lr.ErrFailed)
	}
	out := &svd{u: new(mat.Dense), v: new(mat.Dense), s: f.Values(nil)}
	f.UTo(out.u)
	f.VTo(out.v)
	for k, s := range out.s {
		out.s[k] = math.Ldexp(s, exponent)
	}
	return out, nil
}

func sqNorm(a *mat.Dense) float64 { return linalg.Dot(a, a) }

func rowNorm(row []float64) float64 {
	var s float64
	for _, v := range row {
		s += float64(v * v)
	}
	return math.Sqrt(s)
}

func longestRow(a *mat.Dense) float64 {
	var n float64
	for i := range a.RawMatrix().Rows {
		n = math.Max(n, rowNorm(a.RawRowView(i)))
	}
	return n
}
