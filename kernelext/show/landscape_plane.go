package show

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// plane is a two-dimensional slice of the space of factors,
//
//	(s, t) ↦ origin + unit·(s·e1 + t·e2),  e1 ⊥ e2, ‖e1‖ = ‖e2‖ = 1
//
// in the Frobenius norm over both factors; a line has no e2.
type plane struct {
	origin, e1, e2 *lr.Factors
	unit           float64
}

// newPlane makes the plane from a vector along the first axis, whose length is
// the unit when toPoint, else 1, and one that is made orthogonal to it.
func newPlane(origin, first, second *lr.Factors, toPoint bool) (*plane, error) {
	length := first.Norm()
	if !(length > 0) {
		return nil, errors.New("the first direction is 0")
	}
	pl := &plane{origin: origin, e1: first.Clone(), unit: 1}
	pl.e1.Scale(1 / length)
	if toPoint {
		pl.unit = length
	}
	if second == nil {
		return pl, nil
	}
	pl.e2 = second.Clone()
	size := pl.e2.Norm()
	if !(size > 0) {
		return nil, errors.New("the second direction is 0")
	}
	pl.e2.Scale(1 / size)
	for range 2 { // the second time takes away what rounding left
		pl.e2.AddScaled(-pl.e2.Dot(pl.e1), pl.e1)
	}
	left := pl.e2.Norm()
	if left < 1e-7 {
		return nil, errors.New("the second direction lies along the first")
	}
	pl.e2.Scale(1 / left)
	return pl, nil
}

// point sets x to the point at (s, t).
func (pl *plane) point(x *lr.Factors, s, t float64) {
	x.CopyFrom(pl.origin)
	x.AddScaled(pl.unit*s, pl.e1)
	if pl.e2 != nil {
		x.AddScaled(pl.unit*t, pl.e2)
	}
}

// projected is where a point of the space lies on a plane.
type projected struct {
	s, t float64
	off  float64 // its distance from the plane, ‖·‖F
	away float64 // its distance from the origin, ‖·‖F
}

func (pl *plane) project(x *lr.Factors) projected {
	d := x.Clone()
	d.AddScaled(-1, pl.origin)
	q := projected{away: d.Norm(), s: d.Dot(pl.e1)}
	d.AddScaled(-q.s, pl.e1)
	if pl.e2 != nil {
		q.t = d.Dot(pl.e2)
		d.AddScaled(-q.t, pl.e2)
	}
	q.off = d.Norm()
	if q.off < 1e-9*math.Max(q.away, pl.origin.Norm()) {
		q.off = 0
	}
	q.s, q.t = q.s/pl.unit, q.t/pl.unit
	return q
}

// offWords says how far off the plane a point is.
func (q projected) offWords(what string) string {
	if q.off == 0 {
		return "in the " + what
	}
	return fmt.Sprintf("%s off the %s (%.0f %% of its distance from the centre)", formatNumber(q.off, 3), what, 100*q.off/q.away)
}

// gauge turns points by orthogonal matrices, which no objective of UVᵀ and of
// UᵀU, VᵀV or rows' lengths sees, so that they lie as near to others as they
// can. A problem that does see them keeps its points.
type gauge struct {
	eval lr.Evaluator
	off  bool // points are kept as they are
	used bool // some point was turned
	seen bool // the problem was found to change along the gauge
}

// near returns x·R with the orthogonal R for which it is nearest to ref,
// [G] Def 6, or x itself.
func (g *gauge) near(x, ref *lr.Factors) *lr.Factors {
	if r := g.rotation(x, ref); r != nil {
		return turned(x, r)
	}
	return x
}

// rotation is R, or nil when there is none to be applied.
func (g *gauge) rotation(x, ref *lr.Factors) *mat.Dense {
	if g.off || g.seen {
		return nil
	}
	r := procrustes(x, ref)
	if r == nil {
		return nil
	}
	y := turned(x, r)
	move := y.Clone()
	move.AddScaled(-1, x)
	if move.Norm() <= 1e-12*x.Norm() {
		return nil
	}
	before, after := g.eval.Grad(nil, x), g.eval.Grad(nil, y)
	if !(math.Abs(before-after) <= 1e-8*math.Max(math.Abs(before), math.Abs(after))+1e-14) {
		g.seen = true
		return nil
	}
	g.used = true
	return r
}

// turned is (UR, VR).
func turned(x *lr.Factors, r *mat.Dense) *lr.Factors {
	y := x.Clone()
	y.U.Mul(x.U, r)
	if x.V != nil {
		y.V.Mul(x.V, r)
	}
	return y
}

// procrustes is the orthogonal R that makes ‖(UR, VR) − ref‖F least: PQᵀ of
// the singular vectors of UᵀU_ref + VᵀV_ref.
func procrustes(x, ref *lr.Factors) *mat.Dense {
	var c mat.Dense
	c.Mul(x.U.T(), ref.U)
	if x.V != nil {
		var v mat.Dense
		v.Mul(x.V.T(), ref.V)
		c.Add(&c, &v)
	}
	var svd mat.SVD
	if !svd.Factorize(&c, mat.SVDFull) {
		return nil
	}
	var p, q, r mat.Dense
	svd.UTo(&p)
	svd.VTo(&q)
	r.Mul(&p, q.T())
	return &r
}
