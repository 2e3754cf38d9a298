package landscape

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/krylov"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// ripSteps is how many steps of Lanczos are taken for one factor.
const ripSteps = 30

// ripSearch looks for the least sign·(M:H:M)/‖M‖² over matrices of rank ≤ r: the
// least quotient for sign 1, the largest for −1.
type ripSearch struct {
	form      lr.FormEval
	d1, d2, r int
	o         RIPOptions
	sign      float64
}

// alternate improves Y of M = XYᵀ with X held and orthonormal, and X in turn.
func (s *ripSearch) alternate(ctx context.Context, rng *rand.Rand) (extreme, error) {
	x, y := lr.NormalMatrix(rng, s.d1, s.r), lr.NormalMatrix(rng, s.d2, s.r)
	linalg.Orthonormalise(x)
	toY, toX := newFactorStep(s, s.d2), newFactorStep(s, s.d1)
	value := math.Inf(1)
	for range s.o.Sweeps {
		if err := ctx.Err(); err != nil {
			return extreme{}, err
		}
		if _, err := toY.improve(y, x, true); err != nil {
			return extreme{}, err
		}
		exchange(x, y)
		v, err := toX.improve(x, y, false)
		if err != nil {
			return extreme{}, err
		}
		exchange(y, x)
		gain := value - v
		value = math.Min(value, v)
		if !(gain > s.o.Tol*math.Abs(v)) {
			break
		}
	}
	return extreme{s.sign * value, &lr.Factors{U: x, V: y}}, nil
}

// exchange makes M = XYᵀ with an orthonormal X one with an orthonormal Y: Y = QR,
// M = (XRᵀ)Qᵀ.
func exchange(x, y *mat.Dense) {
	q := mat.DenseCopyOf(y)
	linalg.Orthonormalise(q)
	var r, moved mat.Dense
	r.Mul(q.T(), y)
	moved.Mul(x, r.T())
	x.Copy(&moved)
	y.Copy(q)
}

// factorStep is the search over one factor, d×r.
type factorStep struct {
	s       *ripSearch
	lanczos *krylov.Lanczos
	d       int
}

func newFactorStep(s *ripSearch, d int) *factorStep {
	n := d * s.r
	return &factorStep{s, krylov.NewLanczos(n, min(n, ripSteps)), d}
}

// improve replaces the factor z by one of norm 1 with a smaller sign·(M:H:M),
// which it returns, while the other factor is held and orthonormal: M = held·zᵀ
// when right, else z·heldᵀ.
func (f *factorStep) improve(z, held *mat.Dense, right bool) (float64, error) {
	product := func(dst, x []float64) {
		in, out := mat.NewDense(f.d, f.s.r, x), mat.NewDense(f.d, f.s.r, dst)
		if right {
			f.s.form.Apply(held, in)
		} else {
			f.s.form.Apply(in, held)
		}
		f.s.form.Mul(out, 0, right, held)
		out.Scale(f.s.sign, out)
	}
	return improveBy(f.lanczos, min(f.d*f.s.r, ripSteps), product, z.RawMatrix().Data)
}

// improveBy replaces x by the lowest Ritz vector, of norm 1, of a Krylov space that
// starts with x, and returns its Ritz value.
func improveBy(l *krylov.Lanczos, steps int, product func(dst, x []float64), x []float64) (float64, error) {
	if !l.Start(x) {
		return 0, fmt.Errorf("landscape: the search for the restricted isometry constant came to the matrix 0 or one that is not finite: %w", lr.ErrValue)
	}
	for range steps {
		if !l.Step(product) {
			break
		}
	}
	if l.Steps() == 0 {
		return 0, fmt.Errorf("landscape: the search for the restricted isometry constant met a product with the form that is not finite: %w", lr.ErrValue)
	}
	ritz := l.Ritz()
	l.Vector(x, ritz)
	return ritz.Low, nil
}
