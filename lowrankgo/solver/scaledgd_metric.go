package solver

import (
	"math"
	"math/rand/v2"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// metric is the damped Gram matrix VᵀV + λI of a factor, as its Cholesky
// factor.
type metric struct {
	r    int
	gram []float64 // lower triangle of VᵀV
	chol []float64
}

func newMetric(r int) *metric {
	return &metric{r: r, gram: make([]float64, r*r), chol: make([]float64, r*r)}
}

// set factors VᵀV + λI. A matrix that is singular at working precision gets
// more damping: 10⁻¹⁰ of its trace, then 10⁻⁹ …; that of V = 0 is I.
func (m *metric) set(v *mat.Dense, lambda float64) {
	gramLower(m.gram, v)
	trace := 0.0
	for k := range m.r {
		trace += m.gram[k*m.r+k]
	}
	extra := lambda
	for more := 1e-10; ; more *= 10 {
		copy(m.chol, m.gram)
		for k := range m.r {
			m.chol[k*m.r+k] += extra
		}
		if linalg.Cholesky(m.chol, m.r) > 1e-14 {
			return
		}
		if more > 1 || !(trace > 0) {
			break
		}
		extra = lambda + more*trace
	}
	clear(m.chol) // V = 0, or not finite
	for k := range m.r {
		m.chol[k*m.r+k] = 1
	}
}

// gramLower sets the lower triangle of dst, r×r, to VᵀV.
func gramLower(dst []float64, v *mat.Dense) {
	clear(dst)
	rows, r := v.Dims()
	for i := range rows {
		row := v.RawRowView(i)
		for k, a := range row {
			out := dst[k*r : k*r+k+1]
			for l, b := range row[:k+1] {
				out[l] += float64(a * b)
			}
		}
	}
}

// divide sets dst = g·(VᵀV + λI)⁻¹.
func (m *metric) divide(dst, g *mat.Dense) {
	for i := range dst.RawMatrix().Rows {
		row := dst.RawRowView(i)
		copy(row, g.RawRowView(i))
		linalg.SolveLower(m.chol, m.r, row)
		linalg.SolveUpper(m.chol, m.r, row)
	}
}

// rayCurvature estimates how strongly an objective curves as a function of
// M = UVᵀ, from its values along the ray through M,
//
//	L = (f(2M) − 2f(M) + f(0)) / ‖M‖²
//
// which is exact for a least-squares objective and that M. loss is f(M); work
// has x's shape. When M is 0 a random M takes its place. The result may be 0 or
// NaN for an objective that is not convex along the ray.
func rayCurvature(eval lr.Evaluator, x *lr.Factors, loss float64, work *lr.Factors) float64 {
	work.Scale(0)
	zero := eval.Grad(nil, work)
	work.CopyFrom(x)
	size := productNorm2(work)
	if size == 0 {
		drawNormal(work, lr.Stream(0, "curvature"))
		size, loss = productNorm2(work), eval.Grad(nil, work)
	}
	work.Scale(math.Sqrt2)
	return (eval.Grad(nil, work) - 2*loss + zero) / size
}

// productNorm2 is ‖UVᵀ‖² = ⟨UᵀU, VᵀV⟩.
func productNorm2(x *lr.Factors) float64 {
	r := x.Rank()
	u, v := make([]float64, r*r), make([]float64, r*r)
	gramLower(u, x.U)
	gramLower(v, x.Right())
	var s float64
	for i := range r {
		for j := range i + 1 {
			p := float64(u[i*r+j] * v[i*r+j])
			if i != j {
				p *= 2
			}
			s += p
		}
	}
	return s
}

// drawNormal sets x to independent N(0, 1) numbers.
func drawNormal(x *lr.Factors, rng *rand.Rand) {
	drawRows(x.U, rng)
	if x.V != nil {
		drawRows(x.V, rng)
	}
}

func drawRows(m *mat.Dense, rng *rand.Rand) {
	for i := range m.RawMatrix().Rows {
		row := m.RawRowView(i)
		for k := range row {
			row[k] = rng.NormFloat64()
		}
	}
}
