package landscape

import (
	"context"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// differences are Hessian products as central differences of gradients,
//
//	∇²g(x)[d] ≈ (∇g(x + hd) − ∇g(x − hd)) / 2h
//
// with h‖d‖ = 6·10⁻⁶ of the scale of x, the cube root of the unit of rounding:
// where the error of the quotient, of order h², is as large as that of the
// gradients, divided by h. A product costs two gradients.
type differences struct {
	lr.Evaluator
	h      float64
	at     *lr.Factors
	before *lr.Factors
}

func newDifferences(e lr.Evaluator, x *lr.Factors, scale float64) *differences {
	return &differences{Evaluator: e, h: 6e-6 * scale, at: x.Clone(), before: x.Clone()}
}

// HessVec sets dst to the difference along d.
func (f *differences) HessVec(dst, x, d *lr.Factors) { f.along(dst, x, d, f.h) }

func (f *differences) along(dst, x, d *lr.Factors, h float64) {
	size := d.Norm()
	if size == 0 {
		dst.Scale(0)
		return
	}
	h /= size
	f.at.CopyFrom(x)
	f.at.AddScaled(-h, d)
	f.Grad(f.before, f.at)
	f.at.CopyFrom(x)
	f.at.AddScaled(h, d)
	f.Grad(dst, f.at)
	dst.AddScaled(-1, f.before)
	dst.Scale(1 / (2 * h))
}

// error estimates the error of hd, the product with d of length 1 at x, by the
// product with twice the step.
func (f *differences) error(x, hd, d *lr.Factors) float64 {
	twice := d.Clone()
	f.along(twice, x, d, 2*f.h)
	twice.AddScaled(-1, hd)
	return twice.Norm()
}

// length finds the scale of points: that of x and of the truth or, where it is not
// known, of the natural length.
func (s *study) length(ctx context.Context) error {
	size := s.x.Norm()
	if s.truth != nil {
		size = math.Max(size, s.truth.norm)
	} else {
		natural, err := s.natural(ctx, size)
		if err != nil {
			return err
		}
		size = math.Max(size, natural)
	}
	if size == 0 {
		size = 1
	}
	s.c.Scale = size
	return nil
}

// natural is the length t at which, along a random direction n,
//
//	∇g(tn) ≈ ∇g(0) + tA + t³B
//
// has ‖A‖ = t²‖B‖: for functions of UVᵀ the length of points that are neither
// small nor large, whatever the scale of the data. It is 0 when no such length is
// found, as for an A or a B of 0. It begins at the length given.
func (s *study) natural(ctx context.Context, length float64) (float64, error) {
	n := lr.NewPoint(s.p)
	fillNormal(n, s.o.Seed, "certify: the natural length")
	n.Scale(1 / n.Norm())
	odd := func(t float64) *lr.Factors { // (∇g(tn) − ∇g(−tn)) / 2t
		g, back := n.Clone(), n.Clone()
		x := n.Clone()
		x.Scale(t)
		s.eval.Grad(g, x)
		x.Scale(-1)
		s.eval.Grad(back, x)
		g.AddScaled(-1, back)
		g.Scale(1 / (2 * t))
		return g
	}
	t := length
	if t == 0 {
		t = 1
	}
	for range 8 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		a, cubic := odd(t), odd(2*t)
		cubic.AddScaled(-1, a)
		cubic.Scale(1. / 3)
		a.AddScaled(-1, cubic)
		next := t * math.Sqrt(a.Norm()/cubic.Norm()) // +Inf where rounding hides the cubic term
		switch {
		case math.IsNaN(next):
			return 0, nil
		case next > t/30 && next < 30*t:
			return next, nil
		}
		t = math.Min(math.Max(next, t/1e4), 1e4*t)
	}
	return 0, nil
}
