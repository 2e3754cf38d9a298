package lowranktest

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// The rules of derivatives and of invariance.

func (s problemSuite) gradient(t *testing.T) {
	for where, x := range s.points() {
		v, g := s.gradAt(x)
		for _, name := range []string{"d1", "d2", "d3"} {
			d := point(s.p, name, 1)
			e := s.p.NewEval()
			at := func(h float64) float64 { return e.Grad(nil, shifted(x, h, d)) }
			vanishes(t, "value at "+where, 2,
				func(h float64) float64 { return math.Abs(at(h) - v - h*g.Dot(d)) },
				func(h float64) float64 { return 1e-16 * (math.Abs(v) + math.Abs(at(h)) + h*math.Abs(g.Dot(d))) })
		}
	}
}

func (s problemSuite) hessian(t *testing.T) {
	for where, x := range s.points() {
		_, g := s.gradAt(x)
		for _, name := range []string{"d1", "d2"} {
			d := point(s.p, name, 1)
			hd := s.hessAt(x, d)
			vanishes(t, "gradient at "+where, 2,
				func(h float64) float64 {
					_, rest := s.gradAt(shifted(x, h, d))
					rest.AddScaled(-1, g)
					rest.AddScaled(-h, hd)
					return rest.Norm()
				},
				func(h float64) float64 { return 1e-15 * (g.Norm() + hd.Norm()) })
		}
	}
}

func (s problemSuite) thirdOrder(t *testing.T) {
	for where, x := range s.points() {
		v, g := s.gradAt(x)
		for _, name := range []string{"d1", "d2"} {
			d, e := point(s.p, name, 1), s.p.NewEval()
			slope, bend := g.Dot(d), d.Dot(s.hessAt(x, d))/2
			at := func(h float64) float64 { return e.Grad(nil, shifted(x, h, d)) }
			vanishes(t, "value at "+where, 3,
				func(h float64) float64 { return math.Abs(at(h) - v - h*slope - h*h*bend) },
				func(h float64) float64 {
					return 1e-16 * (math.Abs(v) + math.Abs(at(h)) + h*math.Abs(slope) + h*h*math.Abs(bend))
				})
		}
	}
}

func (s problemSuite) definition(t *testing.T) {
	for where, x := range s.points() {
		near(t, "value at "+where, 1e-11, one(s.p.NewEval().Grad(nil, x)), one(s.o.Naive(x)))
	}
}

func (s problemSuite) symmetric(t *testing.T) {
	for where, x := range s.points() {
		a, b := point(s.p, "a", 1), point(s.p, "b", 1)
		ha, hb := s.hessAt(x, a), s.hessAt(x, b)
		if l, r := a.Dot(hb), b.Dot(ha); !(math.Abs(l-r) <= 1e-11*(a.Norm()*hb.Norm()+b.Norm()*ha.Norm())) {
			t.Errorf("at %s: ⟨a, Hb⟩ = %.17g but ⟨b, Ha⟩ = %.17g", where, l, r)
		}
		ha.AddScaled(-2, hb)
		near(t, "H(a − 2b) at "+where, 1e-11, numbers(s.hessAt(x, shifted(a, -2, b))), numbers(ha))
	}
}

// gauge compares values at points of one M. The Gram matrix of an orthogonal G
// is I, which is what regularisers of U and V need.
func (s problemSuite) gauge(t *testing.T) {
	x := s.at("x", 1)
	v, g := s.gradAt(x)
	turn := orthogonal(x.Rank())
	vt, gt := s.gradAt(moved(x, turn, turn))
	near(t, "value at (UG, VG)", 1e-11, one(vt), one(v))
	near(t, "gradient at (UG, VG)", 1e-11, numbers(gt), numbers(moved(g, turn, turn)))
	_, known := lr.MulGradOf(s.p)
	if _, regularised := s.plain(); !known || regularised || x.V == nil {
		return // there may be a regulariser, or U = V leaves orthogonal G alone
	}
	var grown, inverse mat.Dense
	grown.Mul(turn, normal("G", x.Rank(), x.Rank()))
	grown.Add(&grown, turn)
	if err := inverse.Inverse(&grown); err != nil {
		t.Fatal(err)
	}
	dual := mat.DenseCopyOf(inverse.T())
	vt, gt = s.gradAt(moved(x, &grown, dual))
	near(t, "value at (UG, VG⁻ᵀ)", 1e-9, one(vt), one(v))
	near(t, "gradient at (UG, VG⁻ᵀ)", 1e-9, numbers(gt), numbers(moved(g, dual, &grown)))
}

// orthogonal is an r×r orthogonal matrix that is the same for all of size r.
func orthogonal(r int) *mat.Dense {
	var qr mat.QR
	qr.Factorize(normal("G", r, r))
	var g mat.Dense
	qr.QTo(&g)
	return &g
}

// moved is (UG, VH), or UG when x is symmetric.
func moved(x *lr.Factors, g, h *mat.Dense) *lr.Factors {
	y := x.Clone()
	y.U.Mul(x.U, g)
	if x.V != nil {
		y.V.Mul(x.V, h)
	}
	return y
}
