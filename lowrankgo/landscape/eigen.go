package landscape

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/krylov"
	"gonum.org/v1/gonum/mat"
)

const (
	missFailure = 1e-3 // probability with which Curvature.Lower may fail
	excluded    = 0.05 // curvature below −excluded·L must be unlikely for a decision
	roughTol    = 5e-3 // the default tolerance once negative eigenvalues are excluded
)

// search looks for the smallest eigenvalue of the Hessian, apart from tangents of
// the orbit, and confirms it by one more product.
func (s *study) search(ctx context.Context) error {
	n := variables(s.x)
	hess, extra := s.hess, 1
	if hess == nil {
		hess, extra = newDifferences(s.eval, s.x, s.c.Scale), 2
	}
	d, hd := lr.NewPoint(s.p), lr.NewPoint(s.p)
	fillNormal(d, s.o.Seed, "certify: the start of the search")
	steps := max(1, min(s.o.Products-extra, n-s.c.Deflated))
	l := krylov.NewLanczos(n, steps)
	if s.c.Deflated > 0 {
		l.Project = func(w []float64) {
			unflatten(hd, w)
			s.orbit.project(hd)
			flatten(w, hd)
		}
	}
	start := make([]float64, n)
	flatten(start, d)
	l.Start(start) // not 0: the tangents of an orbit are never all directions
	mul := func(dst, v []float64) {
		unflatten(d, v)
		hess.HessVec(hd, s.x, d)
		s.c.Curvature.Products++
		flatten(dst, hd)
	}
	err := s.steps(ctx, l, mul, steps)
	if l.Steps() == 0 {
		return err
	}
	ritz := l.Ritz()
	l.Vector(start, ritz)
	unflatten(d, start)
	s.found(l.Steps(), ritz)
	s.c.Curvature.Direction = d.Clone()
	if err != nil {
		return err
	}
	return s.confirm(ctx, hess, d, hd)
}

// steps takes Lanczos steps until the Ritz value is an eigenvalue to the
// tolerance, or there are as many as allowed.
func (s *study) steps(ctx context.Context, l *krylov.Lanczos, mul func(dst, v []float64), most int) error {
	look := nextLook(0)
	for l.Steps() < most {
		if err := ctx.Err(); err != nil {
			return err
		}
		before := l.Steps()
		if !l.Step(mul) {
			if l.Steps() == before {
				return fmt.Errorf("landscape: a Hessian product of %s is not finite at the point: %w", s.c.Problem, lr.ErrValue)
			}
			return nil
		}
		if l.Steps() == look {
			look = nextLook(look)
			if s.found(l.Steps(), l.Ritz()); s.c.Curvature.Converged {
				return nil
			}
		}
	}
	return nil
}

// nextLook says after how many steps the Ritz values are looked at again.
func nextLook(k int) int { return k + max(4, k/4) }

// looks is how often they are looked at in most steps, and at the end.
func looks(most int) int {
	n := 1
	for k := nextLook(0); k < most; k = nextLook(k) {
		n++
	}
	return n
}

// found writes down what k steps say.
func (s *study) found(k int, r krylov.Ritz) {
	c := &s.c.Curvature
	c.Value, c.Residual, c.Largest = r.Low, r.Residual, r.High
	dim := variables(s.x) - s.c.Deflated
	if r.Residual == 0 || k == dim { // all eigenvalues are among the Ritz values
		c.Lower, c.Failure = r.Low, 0
	} else {
		// Low may miss by ε(λmax − λmin), and so may High on its side; each look
		// is a chance to fail.
		eps := krylov.MissedBy(dim, k, missFailure/float64(2*looks(s.o.Products)))
		if c.Failure = missFailure; eps < 0.5 {
			c.Lower = r.Low - eps/(1-2*eps)*(r.High-r.Low)
		}
	}
	s.settle()
}

// settle says whether the residual is small enough, and the search decisive.
func (s *study) settle() {
	c, tol := &s.c.Curvature, s.o.Tol
	if tol == 0 {
		if tol = 1e-6; c.Lower > 0 {
			tol = roughTol
		}
	}
	l := s.c.largest()
	c.Converged = c.Residual <= tol*l
	s.decided = c.Converged || c.Lower >= -excluded*l
}

// confirm measures the direction by a product of its own.
func (s *study) confirm(ctx context.Context, hess lr.HessVec, d, hd *lr.Factors) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &s.c.Curvature
	hess.HessVec(hd, s.x, d)
	c.Products++
	if diff, ok := hess.(*differences); ok {
		c.Error = diff.error(s.x, hd, d)
		c.Products++
	}
	size := d.Dot(d)
	c.Value = d.Dot(hd) / size
	hd.AddScaled(-c.Value, d)
	c.Residual = hd.Norm() / math.Sqrt(size)
	if !finite(c.Value) || !finite(c.Residual) {
		return fmt.Errorf("landscape: a Hessian product of %s is not finite at the point: %w", s.c.Problem, lr.ErrValue)
	}
	c.Largest = math.Max(c.Largest, c.Value)
	c.Confirmed = true
	s.settle()
	return nil
}

// largest is the size of the largest eigenvalue found.
func (c *Certificate) largest() float64 {
	return math.Max(math.Abs(c.Curvature.Largest), math.Abs(c.Curvature.Value))
}

// unflatten is the inverse of flatten.
func unflatten(x *lr.Factors, src []float64) {
	for _, m := range []*mat.Dense{x.U, x.V} {
		if m == nil {
			continue
		}
		rows, r := m.Dims()
		for i := range rows {
			copy(m.RawRowView(i), src[i*r:(i+1)*r])
		}
		src = src[rows*r:]
	}
}
