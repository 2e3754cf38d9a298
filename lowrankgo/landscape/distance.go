package landscape

import (
	"context"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// A solution is the truth with balanced factors,
//
//	U* = XD^½, V* = YD^½ for M* = XDYᵀ    (symmetric: orthogonal columns)
//
// of as many columns as M* has rank.
type solution struct {
	truth *lr.Factors // as given
	x     *lr.Factors // balanced; nil for M* = 0
	norm  float64     // of both factors
}

// atTruth finds the value and the gradient at the truth.
func (s *study) atTruth(ctx context.Context) error {
	t, ok := lr.TruthOf(s.p)
	if !ok {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.truth = newSolution(t)
	if size := linalg.ProductNorm(t.U, t.Right()); size > 0 {
		s.c.RelErr = lr.RelErr(s.x, t)
	}
	at := lr.NewPoint(s.p)
	if b := s.truth.x; b != nil {
		if b.Rank() > at.Rank() {
			return nil // the problem has no point there
		}
		put(at, b)
	}
	g := lr.NewPoint(s.p)
	s.c.TruthLoss = s.p.NewEval().Grad(g, at)
	s.c.TruthGrad = g.Norm()
	return nil
}

// newSolution balances the truth. Directions below 1e-14 of M* are left out.
func newSolution(t *lr.Factors) *solution {
	s := &solution{truth: t}
	u, sigma, a := thin(t.U)
	if t.Symmetric() {
		s.x = columns(u, sigma, nil, nil, 1)
	} else {
		v, tau, b := thin(t.V)
		core := mat.NewDense(len(sigma), len(tau), nil)
		core.Mul(a.T(), b)
		for i, x := range sigma {
			for j, y := range tau {
				core.Set(i, j, x*core.At(i, j)*y)
			}
		}
		left, d, right := thin(core)
		var x, y mat.Dense
		x.Mul(u, left)
		y.Mul(v, right)
		s.x = columns(&x, d, &y, d, 0.5)
	}
	if s.x != nil {
		s.norm = s.x.Norm()
	}
	return s
}

// columns scales column k of u by sigma[k]^power, and so v by tau, and keeps
// those that are not negligible in M*; nil when there are none.
func columns(u *mat.Dense, sigma []float64, v *mat.Dense, tau []float64, power float64) *lr.Factors {
	keep := 0
	for _, s := range sigma {
		if s > 0 && math.Pow(s/sigma[0], 2*power) > 1e-14 {
			keep++
		}
	}
	if keep == 0 {
		return nil
	}
	side := func(m *mat.Dense, by []float64) *mat.Dense {
		d, _ := m.Dims()
		out := mat.DenseCopyOf(m.Slice(0, d, 0, keep))
		for k := range keep {
			linalg.ScaleColumn(out, k, math.Pow(by[k], power))
		}
		return out
	}
	x := &lr.Factors{U: side(u, sigma)}
	if v != nil {
		x.V = side(v, tau)
	}
	return x
}

// put copies the columns of b to the first ones of x.
func put(x, b *lr.Factors) {
	for i := range b.U.RawMatrix().Rows {
		copy(x.U.RawRowView(i), b.U.RawRowView(i))
	}
	if b.V != nil {
		for i := range b.V.RawMatrix().Rows {
			copy(x.V.RawRowView(i), b.V.RawRowView(i))
		}
	}
}

// distance is how far x is from the truth's factors, and the length of these:
// the least ‖W − W*R‖F over orthogonal R (Defs 6, 7) where g changes under all
// other matrices, else ‖UVᵀ − M*‖F.
func (s *solution) distance(x *lr.Factors, kind Gauge) (distance, length float64) {
	if kind != Orthogonal {
		return math.Sqrt(lr.SqErr(x, s.truth)), linalg.ProductNorm(s.truth.U, s.truth.Right())
	}
	if s.x == nil {
		return x.Norm(), 0
	}
	k := max(x.Rank(), s.x.Rank())
	w, ws := widened(stacked(x), k), widened(stacked(s.x), k)
	var cross, r, gap mat.Dense
	cross.Mul(ws.T(), w)
	p, _, q := thin(&cross)
	r.Mul(p, q.T())
	gap.Mul(ws, &r)
	gap.Sub(w, &gap)
	return mat.Norm(&gap, 2), s.norm
}

// widened is a with columns of zeros, k in all.
func widened(a *mat.Dense, k int) *mat.Dense {
	d, r := a.Dims()
	if r == k {
		return a
	}
	out := mat.NewDense(d, k, nil)
	out.Slice(0, d, 0, r).(*mat.Dense).Copy(a)
	return out
}

// thin is thinSVD where a failure is a panic, which Certify makes an error.
func thin(a *mat.Dense) (u *mat.Dense, sigma []float64, v *mat.Dense) {
	d, err := thinSVD(a)
	if err != nil {
		panic(err)
	}
	return d.u, d.s, d.v
}

// rightSingular returns singular values, falling, and right singular vectors of a
// tall matrix.
func rightSingular(a *mat.Dense) (sigma []float64, right *mat.Dense) {
	_, sigma, right = thin(triangle(a))
	return sigma, right
}

// condition is σ₁/σᵣ of a tall matrix, +Inf when its numerical rank is below r,
// and that rank.
func condition(a *mat.Dense) (cond float64, rank int) {
	sigma, _ := rightSingular(a)
	d, r := a.Dims()
	for _, s := range sigma {
		if s > 0x1p-52*float64(d)*sigma[0] {
			rank++
		}
	}
	if rank < r {
		return math.Inf(1), rank
	}
	return sigma[0] / sigma[r-1], rank
}

// imbalance is ‖UᵀU − VᵀV‖F.
func imbalance(x *lr.Factors) float64 {
	var a, b mat.Dense
	a.Mul(x.U.T(), x.U)
	b.Mul(x.V.T(), x.V)
	a.Sub(&a, &b)
	return mat.Norm(&a, 2)
}
