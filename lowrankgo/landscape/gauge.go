package landscape

import (
	"context"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

func (g Gauge) String() string {
	switch g {
	case Orthogonal:
		return "orthogonal"
	case General:
		return "general linear"
	}
	return "none"
}

// An orbit is the set of points to which a group takes x. Its tangents at x are
//
//	(UΩ, VΩ), Ω skew    or    (UG, −VGᵀ), G any r×r matrix
//
// r(r−1)/2 and r² directions at most, fewer than there are variables. With the
// right singular vectors of U and V (of [U; V] for the first) as bases for G,
// those of different entries of G are orthogonal: entry (i, j) has the squared
// length σᵢ² + τⱼ².
type orbit struct {
	kind  Gauge
	x     *lr.Factors
	a, b  *mat.Dense // right singular vectors
	size2 *mat.Dense // σᵢ² + τⱼ² of the tangents that are left out of a search, else 0

	k, g, t *mat.Dense // r×r
}

// groupTol is the part by which a gradient may fail to be orthogonal to tangents.
const groupTol = 1e-8

// nearby is how far from x the group is looked at, as a part of Scale: so near
// that a regulariser that is 0 around x, as RowNorm, does not break the group.
const nearby = 0.01

// nullTol is how much curvature, as a part of the typical one, a tangent may
// have that is left out.
const nullTol = 1e-2

// group finds which group leaves g as it is, by the gradient at a random point y
// near x: it is orthogonal to the tangents there exactly when the group does.
// The change of the gradient also tells how large curvature typically is.
//
// Along a tangent the Hessian product is known from the gradient,
//
//	∇²g(x)[(UG, −VGᵀ)] = (−∂_U·Gᵀ, ∂_V·G),  ∇²g(x)[xΩ] = ∇g(x)·Ω
//
// so that tangents longer than ‖∇g‖ by the typical curvature are left out. The
// short ones of a point whose rank is nearly deficient are not: a negative
// direction may be among them.
func (s *study) group(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	step := lr.NewPoint(s.p)
	fillNormal(step, s.o.Seed, "certify: a point nearby")
	step.Scale(nearby * s.c.Scale / step.Norm())
	y, gy := s.x.Clone(), lr.NewPoint(s.p)
	y.AddScaled(1, step)
	s.eval.Grad(gy, y)
	s.c.Gauge = gaugeAt(y, gy)
	if s.c.Gauge == NoGauge {
		return nil
	}
	gy.AddScaled(-1, s.grad)
	s.orbit = newOrbit(s.c.Gauge, s.x)
	typical := gy.Norm() / step.Norm()
	s.c.GaugeDim = s.orbit.count()
	s.orbit.leaveOut(s.c.GradNorm, nullTol*typical)
	s.c.Deflated = s.orbit.count()
	return nil
}

func fillNormal(x *lr.Factors, seed uint64, name string) {
	rng := lr.Stream(seed, name)
	for _, m := range []*mat.Dense{x.U, x.V} {
		if m == nil {
			continue
		}
		for i := range m.RawMatrix().Rows {
			row := m.RawRowView(i)
			for k := range row {
				row[k] = rng.NormFloat64()
			}
		}
	}
}

// gaugeAt is the largest group whose tangents at y are orthogonal to g.
func gaugeAt(y, g *lr.Factors) Gauge {
	var ku, kv, gap mat.Dense
	ku.Mul(y.U.T(), g.U)
	size := mat.Norm(y.U, 2) * mat.Norm(g.U, 2)
	if y.V != nil {
		kv.Mul(y.V.T(), g.V)
		size += mat.Norm(y.V, 2) * mat.Norm(g.V, 2)
		gap.Sub(&ku, kv.T())
		if mat.Norm(&gap, 2) <= groupTol*size {
			return General
		}
		ku.Add(&ku, &kv)
	}
	gap.Sub(&ku, ku.T())
	if mat.Norm(&gap, 2) <= groupTol*size {
		return Orthogonal
	}
	return NoGauge // also for NaN
}

func newOrbit(kind Gauge, x *lr.Factors) *orbit {
	r := x.Rank()
	o := &orbit{kind: kind, x: x, size2: mat.NewDense(r, r, nil)}
	o.k, o.g, o.t = mat.NewDense(r, r, nil), mat.NewDense(r, r, nil), mat.NewDense(r, r, nil)
	var sigma, tau []float64
	if kind == General {
		sigma, o.a = rightSingular(x.U)
		tau, o.b = rightSingular(x.V)
	} else {
		sigma, o.a = rightSingular(stacked(x))
		tau, o.b = sigma, o.a
	}
	d1, d2 := x.Dims()
	floor := 0x1p-52 * float64(d1+d2) * math.Max(sigma[0], tau[0])
	for i, s := range sigma {
		for j, t := range tau {
			if size := math.Hypot(s, t); size > floor && (kind == General || i != j) {
				o.size2.Set(i, j, size*size)
			}
		}
	}
	return o
}

// count is the dimension of what the orbit has tangents for.
func (o *orbit) count() int {
	n := 0
	for _, v := range o.size2.RawMatrix().Data {
		if v > 0 {
			n++
		}
	}
	if o.kind == Orthogonal {
		n /= 2
	}
	return n
}

// leaveOut keeps only tangents along which curvature is at most limit.
func (o *orbit) leaveOut(grad, limit float64) {
	data := o.size2.RawMatrix().Data
	for i, v := range data {
		if !(grad <= limit*math.Sqrt(v)) {
			data[i] = 0
		}
	}
}

// project takes off d what it has of the tangents that are left out: the G of
// least squares solves UᵀU·G + G·VᵀV = UᵀD_U − D_VᵀV, or
// (WᵀW)Ω + Ω(WᵀW) = WᵀD − DᵀW for W = [U; V], diagonal in the bases.
// It costs 4(d1+d2)r² flops.
func (o *orbit) project(d *lr.Factors) {
	o.k.Mul(o.x.U.T(), d.U)
	if d.V != nil {
		if o.kind == General {
			o.t.Mul(d.V.T(), o.x.V)
			o.k.Sub(o.k, o.t)
		} else {
			o.t.Mul(o.x.V.T(), d.V)
			o.k.Add(o.k, o.t)
		}
	}
	if o.kind == Orthogonal {
		o.t.Copy(o.k.T())
		o.k.Sub(o.k, o.t)
	}
	o.t.Mul(o.k, o.b)
	o.g.Mul(o.a.T(), o.t)
	for i, s := range o.size2.RawMatrix().Data {
		if g := &o.g.RawMatrix().Data[i]; s > 0 {
			*g /= s
		} else {
			*g = 0
		}
	}
	o.t.Mul(o.g, o.b.T())
	o.g.Mul(o.a, o.t)
	linalg.AddProduct(d.U, -1, o.x.U, o.g)
	if d.V == nil {
		return
	}
	if o.kind == General {
		o.t.Copy(o.g.T())
		linalg.AddProduct(d.V, 1, o.x.V, o.t)
	} else {
		linalg.AddProduct(d.V, -1, o.x.V, o.g)
	}
}
