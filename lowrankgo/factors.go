package lowrankgo

import (
	"fmt"
	"math"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// Factors is the matrix M = UVᵀ held as its two factors, U d1×r and V d2×r.
// When V is nil the matrix is symmetric: M = UUᵀ with U d×r.
//
// *Factors is a [mat.Matrix], so that it can be given to gonum; an entry costs
// r multiplications and M itself is never stored.
type Factors struct{ U, V *mat.Dense }

// NewFactors returns zero factors of a d1×d2 matrix of rank r. It panics when
// a size is below 1.
func NewFactors(d1, d2, r int) *Factors {
	return &Factors{U: mat.NewDense(d1, r, nil), V: mat.NewDense(d2, r, nil)}
}

// NewSymmetric returns the zero factor of a symmetric d×d matrix of rank r. It
// panics when a size is below 1.
func NewSymmetric(d, r int) *Factors { return &Factors{U: mat.NewDense(d, r, nil)} }

// NewPoint returns zero factors of the shape that p works on.
func NewPoint(p Problem) *Factors {
	d1, d2, r := p.Dims()
	if SymmetricOf(p) {
		return NewSymmetric(d1, r)
	}
	return NewFactors(d1, d2, r)
}

// Symmetric reports whether M = UUᵀ.
func (f *Factors) Symmetric() bool { return f.V == nil }

// Rank is the number of columns of the factors.
func (f *Factors) Rank() int { return f.U.RawMatrix().Cols }

// Right is V, or U when the matrix is symmetric.
func (f *Factors) Right() *mat.Dense {
	if f.V == nil {
		return f.U
	}
	return f.V
}

// Dims returns the shape of M.
func (f *Factors) Dims() (d1, d2 int) { return f.U.RawMatrix().Rows, f.Right().RawMatrix().Rows }

// At returns M_ij in r multiplications.
func (f *Factors) At(i, j int) float64 {
	u, v := f.U.RawRowView(i), f.Right().RawRowView(j)
	var s float64
	for k, a := range u {
		s += float64(a * v[k])
	}
	return s
}

// T returns the transpose, sharing f's memory.
func (f *Factors) T() mat.Matrix { return mat.Transpose{Matrix: f} }

// Dense returns M as a new matrix; cost d1·d2·r.
func (f *Factors) Dense() *mat.Dense {
	var m mat.Dense
	m.Mul(f.U, f.Right().T())
	return &m
}

// Clone returns a copy that shares no memory with f.
func (f *Factors) Clone() *Factors {
	c := &Factors{U: mat.DenseCopyOf(f.U)}
	if f.V != nil {
		c.V = mat.DenseCopyOf(f.V)
	}
	return c
}

// Check returns an error unless f has a U, a V (or none, when symmetric) with
// as many columns, and finite entries only.
func (f *Factors) Check() error {
	if f == nil || f.U == nil || f.U.IsEmpty() || (f.V != nil && f.V.IsEmpty()) || f.Right().RawMatrix().Cols != f.Rank() {
		return fmt.Errorf("lowrankgo: the factors have %s; U and V with the same number of columns are wanted, or U alone: %w", f.shape(), ErrShape)
	}
	if !f.Finite() {
		return fmt.Errorf("lowrankgo: the factors (%s) have NaN or infinite entries; every entry must be finite: %w", f.shape(), ErrValue)
	}
	return nil
}

// each calls fn for the matching rows of f and of other. It panics when shapes
// differ; entry points check before they come here.
func (f *Factors) each(fn func(dst, src []float64), other *Factors) {
	if !f.sameShape(other) {
		panic(fmt.Sprintf("lowrankgo: factors with %s and with %s do not fit", f.shape(), other.shape()))
	}
	eachRow(f.U, other.U, fn)
	if f.V != nil {
		eachRow(f.V, other.V, fn)
	}
}

func eachRow(dst, src *mat.Dense, fn func(dst, src []float64)) {
	for i := range dst.RawMatrix().Rows {
		fn(dst.RawRowView(i), src.RawRowView(i))
	}
}

// CopyFrom copies x into f; shapes must be equal.
func (f *Factors) CopyFrom(x *Factors) {
	f.each(func(dst, src []float64) { copy(dst, src) }, x)
}

// AddScaled adds c·x to f; shapes must be equal.
func (f *Factors) AddScaled(c float64, x *Factors) {
	f.each(func(dst, src []float64) {
		for k, v := range src {
			dst[k] += float64(c * v)
		}
	}, x)
}

// Scale multiplies both factors by c.
func (f *Factors) Scale(c float64) {
	f.each(func(dst, _ []float64) {
		for k := range dst {
			dst[k] *= c
		}
	}, f)
}

// Dot is ⟨U, U'⟩ + ⟨V, V'⟩; shapes must be equal.
func (f *Factors) Dot(x *Factors) float64 {
	var s float64
	f.each(func(a, b []float64) {
		for k, v := range a {
			s += float64(v * b[k])
		}
	}, x)
	return s
}

// Norm is the Frobenius norm over both factors, √(‖U‖² + ‖V‖²).
func (f *Factors) Norm() float64 { return math.Sqrt(f.Dot(f)) }

// Finite reports whether no entry is NaN or infinite.
func (f *Factors) Finite() bool {
	s := 0.0
	f.each(func(a, _ []float64) {
		for _, v := range a {
			s += v - v // 0, or NaN for a value that is not finite
		}
	}, f)
	return s == 0
}

// Equal reports whether f and x have the same shape and the same values.
func (f *Factors) Equal(x *Factors) bool {
	return f.sameShape(x) && mat.Equal(f.U, x.U) && (f.V == nil || mat.Equal(f.V, x.V))
}

func (f *Factors) sameShape(x *Factors) bool {
	if f.Symmetric() != x.Symmetric() || f.Rank() != x.Rank() {
		return false
	}
	a1, a2 := f.Dims()
	b1, b2 := x.Dims()
	return a1 == b1 && a2 == b2 && f.Right().RawMatrix().Cols == x.Right().RawMatrix().Cols
}

// shape describes f for messages.
func (f *Factors) shape() string {
	switch {
	case f == nil || f.U == nil || f.U.IsEmpty():
		return "no U"
	case f.V == nil:
		d, r := f.U.Dims()
		return fmt.Sprintf("U %d×%d and no V", d, r)
	case f.V.IsEmpty():
		return "a V that is empty"
	}
	d1, r := f.U.Dims()
	d2, r2 := f.V.Dims()
	return fmt.Sprintf("U %d×%d, V %d×%d", d1, r, d2, r2)
}

// SqErr is ‖M − M*‖F² for M of x and M* of truth, whose ranks may differ. It is
// found from thin QR factorisations of [U, −U*] and [V, V*], so that values far
// below the rounding error of ‖M*‖² are right. Cost (d1+d2)(r+r*)². It panics
// when M and M* differ in shape.
func SqErr(x, truth *Factors) float64 {
	e := distance(x, truth)
	return e * e
}

// RelErr is ‖M − M*‖F / ‖M*‖F, found as in [SqErr].
func RelErr(x, truth *Factors) float64 {
	return distance(x, truth) / linalg.ProductNorm(truth.U, truth.Right())
}

func distance(x, truth *Factors) float64 {
	a1, a2 := x.Dims()
	if b1, b2 := truth.Dims(); a1 != b1 || a2 != b2 {
		panic(fmt.Sprintf("lowrankgo: a %d×%d matrix is compared with a %d×%d truth", a1, a2, b1, b2))
	}
	return linalg.DifferenceNorm(x.U, x.Right(), truth.U, truth.Right())
}
