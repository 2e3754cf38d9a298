package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// Alignment is how a point lies to the nearest factor of the truth, [G] Def 6:
// the solutions of M = U*U*ᵀ are U*R for all orthogonal R, and
//
//	Δ = U − U*R,  R = argmin over RᵀR = I of ‖U − U*R‖F
//
// Of an asymmetric point, U and U* stand for W = [U; V] and W* = [U*; V*] with
// the balanced factors of M*, as in Def 7.
type Alignment struct {
	R        *mat.Dense  // r×r, orthogonal
	Delta    *lr.Factors // Δ, of the point's shape
	Nearest  *lr.Factors // U*R, the solution next to the point
	Distance float64     // ‖Δ‖F
	// Unique is false when U*ᵀU is singular, to 10⁻¹² of its largest singular
	// value. Then R and Δ are one choice of several, all of the same Distance.
	Unique   bool
	Singular []float64 // the r singular values of U*ᵀU (of W*ᵀW), descending
	Sigma    []float64 // the r largest singular values of M*, descending
}

// Align returns the alignment of x with the truth M*, [G] Def 6 and, for an
// asymmetric x, Def 7 (arXiv:1704.00708). R = PQᵀ comes from the SVD
// U*ᵀU = PΣQᵀ.
//
// The truth may have another number of columns than x, or be asymmetric beside
// a symmetric x, as long as M* is a matrix that x can reach: of rank at most r,
// and positive semidefinite if x is symmetric. If it has a smaller rank than r,
// U* has columns of zeros. For an asymmetric x the truth is balanced first,
// U* = XD^½ and V* = YD^½ from the SVD M* = XDYᵀ, whatever factors were given;
// ‖Δ‖ is then a distance to the solutions of balanced objectives, and of those
// without a regulariser only an upper bound of it.
//
// It costs O((d1+d2)r²). Errors: factors that are not whole, not finite, or so
// large or small that fourth powers overflow or vanish ([lowrankgo.ErrShape],
// [lowrankgo.ErrValue]), another shape ([lowrankgo.ErrShape]), a truth that x
// cannot reach ([lowrankgo.ErrRank]).
func Align(x, truth *lr.Factors) (*Alignment, error) {
	f, err := newFrame("Align", x, truth)
	if err != nil {
		return nil, err
	}
	return f.align()
}

// frame is a point and a truth brought to the same form: W and W* have the same
// shape, d×r, or (d1+d2)×r of an asymmetric point.
type frame struct {
	x     *lr.Factors
	w, ws *mat.Dense
	sigma []float64 // of M*, r of them
}

// newFrame checks both and brings them to the same form; who names the caller.
func newFrame(who string, x, truth *lr.Factors) (*frame, error) {
	if err := x.Check(); err != nil {
		return nil, fmt.Errorf("landscape: %s: the point: %w", who, err)
	}
	if err := truth.Check(); err != nil {
		return nil, fmt.Errorf("landscape: %s: the truth: %w", who, err)
	}
	a1, a2 := x.Dims()
	if b1, b2 := truth.Dims(); a1 != b1 || a2 != b2 {
		return nil, fmt.Errorf("landscape: %s: the point is %d×%d and the truth %d×%d; they must be of one shape: %w", who, a1, a2, b1, b2, lr.ErrShape)
	}
	if most := math.Max(largestEntry(x), largestEntry(truth)); most > 1/tiny || most > 0 && most < tiny {
		return nil, fmt.Errorf("landscape: %s: the largest entry of point and truth is %.3g; their fourth powers are formed, so one between %.0e and %.0e is wanted (scale both factors): %w", who, most, tiny, 1/tiny, lr.ErrValue)
	}
	t, sigma, err := fitTruth(who, x, truth)
	if err != nil {
		return nil, err
	}
	return &frame{x: x, w: stacked(x), ws: stacked(t), sigma: sigma}, nil
}

// tiny bounds, with its inverse, the sizes at which fourth powers neither
// overflow nor vanish.
const tiny = 1e-75

// largestEntry is the largest size of an entry of the factors.
func largestEntry(x *lr.Factors) float64 {
	var most float64
	for _, m := range []*mat.Dense{x.U, x.Right()} {
		for i := range m.RawMatrix().Rows {
			for _, v := range m.RawRowView(i) {
				most = math.Max(most, math.Abs(v))
			}
		}
	}
	return most
}

// align is Def 6 for W and W*.
func (f *frame) align() (*Alignment, error) {
	var overlap, r mat.Dense
	overlap.Mul(f.ws.T(), f.w)
	d, err := thinSVD(&overlap)
	if err != nil {
		return nil, err
	}
	r.Mul(d.u, d.v.T())
	a := f.turned(&r)
	a.Singular, a.Unique = d.s, d.s[len(d.s)-1] > 1e-12*d.s[0]
	return a, nil
}

// turned is the alignment by a given R, which it keeps.
func (f *frame) turned(r *mat.Dense) *Alignment {
	near, delta := new(mat.Dense), new(mat.Dense)
	near.Mul(f.ws, r)
	delta.Sub(f.w, near)
	return &Alignment{R: r, Delta: split(delta, f.x), Nearest: split(near, f.x), Distance: mat.Norm(delta, 2), Sigma: f.sigma}
}

// checkRotation returns an error unless r is an orthogonal matrix of size n.
func checkRotation(who string, r *mat.Dense, n int) error {
	if a, b := r.Dims(); a != n || b != n {
		return fmt.Errorf("landscape: %s: R is %d×%d; an orthogonal %d×%d matrix is wanted: %w", who, a, b, n, n, lr.ErrShape)
	}
	var gram mat.Dense
	gram.Mul(r.T(), r)
	for i := range n {
		gram.Set(i, i, gram.At(i, i)-1)
	}
	if off := mat.Norm(&gram, 2); !(off <= 1e-8) {
		return fmt.Errorf("landscape: %s: R has ‖RᵀR − I‖F = %.3g; an orthogonal matrix is wanted: %w", who, off, lr.ErrValue)
	}
	return nil
}

func (a *Alignment) String() string {
	unique := ""
	if !a.Unique {
		unique = ", one of several R"
	}
	return fmt.Sprintf("‖Δ‖ = %.4g to the nearest solution (‖U*R‖ = %.4g%s)", a.Distance, a.Nearest.Norm(), unique)
}

// squared is v², rounded, so that sums of it have the same bits everywhere.
func squared(v float64) float64 { return float64(v * v) }
