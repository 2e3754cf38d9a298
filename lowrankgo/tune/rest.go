package tune

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"gonum.org/v1/gonum/mat"
)

const (
	looks   = 5 // passes of the power iteration on what a fit leaves
	abreast = 4 // directions that it follows
)

// rest is what a fit leaves of the entries that it follows,
//
//	T_ij = (y − uv)_ij where |y − uv|_ij ≤ 3s, else 0
type rest struct {
	top  float64   // its largest singular value
	edge float64   // what the largest would be if T were noise
	v    []float64 // right singular vector of top
}

// white reports whether T may be noise: whether its largest singular value is
// within what that of independent entries of T's size reaches.
func (r rest) white(d1, d2 int) bool { return r.top <= r.edge*whiteLimit(d1, d2) }

// whiteLimit allows 5 % for noise that is not quite even and six widths of the
// distribution of the largest singular value of normal entries, each half the
// cube root over √d1 + √d2 (Johnstone 2001, Thm 1.1).
func whiteLimit(d1, d2 int) float64 {
	a, b := math.Sqrt(float64(d1)), math.Sqrt(float64(d2))
	return 1.05 + 3*math.Cbrt(1/a+1/b)/(a+b)
}

// rest looks at T by subspace iteration on TᵀT. Its singular value is a lower
// bound, close for one that stands out.
func (f *fit) rest(ctx context.Context, rng *rand.Rand) (rest, error) {
	f.ctx = ctx
	n := min(abreast, f.d1, f.d2)
	z := mat.NewDense(f.d2, n, nil)
	for j := range f.d2 {
		for l := range n {
			z.Set(j, l, rng.NormFloat64())
		}
	}
	t := &gramian{fit: f, n: n, sum: make([][]float64, f.blocks), square: make([]float64, f.blocks), zt: make([]float64, n*f.d2)}
	for b := range t.sum {
		t.sum[b] = make([]float64, n*f.d2)
	}
	var r rest
	for range looks {
		linalg.Orthonormalise(z)
		next, square := t.times(z)
		if ctx.Err() != nil {
			return rest{}, canceled(ctx)
		}
		r = ritz(z, next)
		a, b := math.Sqrt(float64(f.d1)), math.Sqrt(float64(f.d2))
		r.edge = math.Sqrt(square) / (a * b) * (a + b)
		z = next
	}
	return r, nil
}

// gramian multiplies by TᵀT in one pass over the data.
type gramian struct {
	*fit
	n      int
	zt     []float64
	sum    [][]float64
	square []float64 // ‖T‖² of a block
}

func (t *gramian) times(z *mat.Dense) (product *mat.Dense, square float64) {
	for j := range t.d2 {
		for l, x := range z.RawRowView(j) {
			t.zt[l*t.d2+j] = x
		}
	}
	par.New(t.rows).Run(t.blocks)
	product = mat.NewDense(t.d2, t.n, nil)
	for b, sum := range t.sum {
		square += t.square[b]
		for j := range t.d2 {
			for l := range t.n {
				product.Set(j, l, product.At(j, l)+sum[l*t.d2+j])
			}
		}
	}
	return product, square
}

func (t *gramian) rows(block int) {
	w, sum, d2 := t.work[block], t.sum[block], t.d2
	clear(sum)
	t.square[block] = 0
	lo, hi := par.Bounds(t.d1, t.blocks, block)
	for i := lo; i < hi && t.ctx.Err() == nil; i++ {
		t.residual(w, i)
		w.weigh(wide*t.s, trim, nil)
		t.square[block] += loops.Dot(w.psi, w.psi)
		for l := range t.n {
			loops.AddScaled(sum[l*d2:(l+1)*d2], loops.Dot(t.zt[l*d2:(l+1)*d2], w.psi), w.psi)
		}
	}
}

// ritz returns the largest Ritz value of TᵀT on the span of z as a singular
// value of T, and its vector, given next = TᵀT·z.
func ritz(z, next *mat.Dense) rest {
	_, n := z.Dims()
	var small mat.Dense
	small.Mul(z.T(), next)
	linalg.Symmetrise(&small)
	if norm := mat.Norm(&small, 2); !(norm < math.Inf(1)) {
		return rest{top: math.NaN()}
	}
	var eig mat.EigenSym
	if !eig.Factorize(mat.NewSymDense(n, small.RawMatrix().Data), true) {
		return rest{top: math.NaN()}
	}
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	var v mat.VecDense
	v.MulVec(z, vectors.ColView(n-1))
	return rest{top: math.Sqrt(math.Max(0, eig.Values(nil)[n-1])), v: v.RawVector().Data}
}
