package lowranktest

import (
	"fmt"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// The rules of what a problem says of its f: that it is convex, and what lies
// above it.

// seen are those rules that p has claimed.
func (s problemSuite) seen() []rule {
	var rules []rule
	if _, ok := lr.MulGradOf(s.p); ok && lr.ConvexOf(s.p) {
		rules = append(rules,
			rule{"convex", "the gradient of a convex f is monotone: ⟨∇f(X) − ∇f(Y), X − Y⟩ ≥ 0", s.convex})
	}
	if lr.MajorisedOf(s.p) {
		rules = append(rules,
			rule{"majoriser", "g_x has the value and the gradient of the objective at x and second derivatives, and lies above the objective elsewhere", s.majoriser})
	}
	if s.hasCurvature() {
		rules = append(rules,
			rule{"curvature", "∇²f(X), at the X of factors of any width, is what a Hessian product of f(UVᵀ) has beside ∇f(X), and keeps its own copy of them", s.curvature})
	}
	return rules
}

// convex looks at pairs of points, near each other and far apart.
func (s problemSuite) convex(t *testing.T) {
	m, _ := lr.MulGradOf(s.p)
	for k := range 12 {
		scale := math.Pow(2, float64(k%4)-2)
		x := s.at(fmt.Sprint("convex x ", k), scale)
		y := shifted(x, math.Pow(10, -float64(k%3))*scale*s.o.Scale, point(s.p, fmt.Sprint("convex y ", k), 1))
		if k == 0 && !s.o.NotAtZero {
			y = lr.NewPoint(s.p)
		}
		xx, xy := gradInner(m, x, x), gradInner(m, x, y)
		yx, yy := gradInner(m, y, x), gradInner(m, y, y)
		size := math.Abs(xx) + math.Abs(xy) + math.Abs(yx) + math.Abs(yy)
		if sum := (xx - xy) - (yx - yy); !(sum >= -1e-11*size) {
			t.Errorf("pair %d: ⟨∇f(X) − ∇f(Y), X − Y⟩ = %g, where the terms add up to %g in size; f is not convex", k, sum, size)
		}
	}
}

// gradInner is ⟨∇f(X), Y⟩.
func gradInner(m lr.MulGrad, x, y *lr.Factors) float64 {
	d1, _ := x.Dims()
	dst := mat.NewDense(d1, y.Rank(), nil)
	m.MulGrad(dst, false, x, y.Right())
	return inner(flat(nil, dst), flat(nil, y.U))
}

func (s problemSuite) majoriser(t *testing.T) {
	d1, d2, r := s.p.Dims()
	for where, x := range s.points() {
		keep := x.Clone()
		g, err := lr.MajoriserOf(s.p, x)
		if err != nil {
			t.Fatalf("at %s: %v", where, err)
		}
		sameBits(t, "x after Majoriser", numbers(x), numbers(keep))
		if g1, g2, gr := g.Dims(); g1 != d1 || g2 != d2 || gr != r || lr.SymmetricOf(g) != lr.SymmetricOf(s.p) {
			t.Fatalf("the majoriser at %s is %d×%d with rank %d; want %d×%d and %d", where, g1, g2, gr, d1, d2, r)
		}
		if _, ok := lr.HessVecOf(g); !ok {
			t.Errorf("the majoriser at %s has no second derivatives", where)
		}
		v, grad := s.gradAt(x)
		gv, ggrad := problemSuite{p: g}.gradAt(x)
		near(t, "the majoriser's value at "+where, 1e-11, one(gv), one(v))
		near(t, "the majoriser's gradient at "+where, 1e-11, numbers(ggrad), numbers(grad))
		if s.o.MajoriserInexact {
			continue
		}
		for k := range 10 {
			y := shifted(x, math.Pow(10, -float64(k)/3)*s.o.Scale, point(s.p, fmt.Sprint("above ", k), 1))
			above, below := g.NewEval().Grad(nil, y), s.p.NewEval().Grad(nil, y)
			if !(above >= below-1e-11*math.Abs(below)) {
				t.Errorf("the majoriser of %s is %g at another point, below the objective, %g", where, above, below)
			}
		}
	}
}
