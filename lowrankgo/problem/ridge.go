package problem

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// Ridge adds a multiple of the squared norm of the factors,
//
//	g̃(U, V) = g(U, V) + (λ/2)(‖U‖F² + ‖V‖F²)
//
// or (λ/2)‖U‖F² when the problem is symmetric. Since
//
//	‖M‖_* = min { ½(‖U‖F² + ‖V‖F²) : UVᵀ = M }
//
// over factors with at least rank(M) columns, minimising g̃ is minimising
// f(M) + λ‖M‖_* over the matrices of rank at most r: nuclear-norm
// regularisation without an SVD. For M = UUᵀ, ‖U‖F² is ‖M‖_* itself, so it is
// f(M) + (λ/2)‖M‖_*. Critical points have UᵀU = VᵀV, as with [Balance], but
// the minimiser is shrunk: its singular values are about λ below those of M*
// when f is ½‖M − M*‖². (Srebro, Rennie, Jaakkola 2004, Lemma 1.)
//
// It costs 2(d1+d2)r flops. A least-squares problem stays one, with Ridge in
// its form.
type Ridge struct {
	Of     lr.Problem // the problem to regularise
	Lambda float64    // λ > 0
}

// New returns the regularised problem. A Lambda that is not positive and
// finite is an error.
func (r Ridge) New() (*Regularised, error) {
	if err := checkOf("Ridge", r.Of); err != nil {
		return nil, err
	}
	if err := positive("Ridge", "Lambda", r.Lambda, " (for λ = 0 use the problem itself)"); err != nil {
		return nil, err
	}
	return regularise(r.Of, ridge{r.Lambda}), nil
}

// ridge is the term and, as it needs no memory, its own workspace.
type ridge struct{ lambda float64 }

func (r ridge) String() string { return fmt.Sprintf("ridge(λ = %g)", r.lambda) }

func (r ridge) newEval(_, _, _ int) termEval { return r }

func (r ridge) add(dst, x *lr.Factors) float64 {
	if dst != nil {
		r.addHess(dst, nil, x)
	}
	s := sumSquares(x.U)
	if x.V != nil {
		s += sumSquares(x.V)
	}
	return float64(r.lambda / 2 * s)
}

func (r ridge) addHess(dst, _, d *lr.Factors) {
	addScaled(dst.U, r.lambda, d.U)
	if d.V != nil {
		addScaled(dst.V, r.lambda, d.V)
	}
}

// addScaled adds c·a to dst.
func addScaled(dst *mat.Dense, c float64, a *mat.Dense) {
	for i := range a.RawMatrix().Rows {
		out := dst.RawRowView(i)
		for k, v := range a.RawRowView(i) {
			out[k] += float64(c * v)
		}
	}
}

// scaleBy multiplies a by c.
func scaleBy(a *mat.Dense, c float64) {
	for i := range a.RawMatrix().Rows {
		row := a.RawRowView(i)
		for k := range row {
			row[k] *= c
		}
	}
}
