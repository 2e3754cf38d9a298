package show

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/plotter"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// slice is a [Landscape] at work.
type slice struct {
	Landscape
	gauge gauge
	plane *plane
	grid  *grid2
	marks []sliceMark
	path  plotter.XYs
	turn  *mat.Dense // what Path is turned by; nil for nothing
	off   float64    // the greatest distance of Path from the plane
	names [2]string
}

// sliceMark is a point of interest where it is drawn.
type sliceMark struct {
	LandscapePoint
	projected
	value, below float64 // g at the point and at its projection
}

func newSlice(l Landscape) (*slice, error) {
	s := &slice{Landscape: l}
	s.ZLabel = orDefault(s.ZLabel, "g")
	eval := l.Problem.NewEval()
	s.gauge = gauge{eval: eval, off: l.KeepGauge}
	if err := s.lay(); err != nil {
		return nil, err
	}
	s.follow()
	for _, q := range l.Points {
		at := s.nearest(q.X)
		m := sliceMark{LandscapePoint: q, projected: at, value: eval.Grad(nil, q.X)}
		x := l.Center.Clone()
		s.plane.point(x, at.s, at.t)
		m.below = eval.Grad(nil, x)
		s.marks = append(s.marks, m)
	}
	s.grid = s.ends(eval)
	return s, nil
}

// lay finds the plane.
func (s *slice) lay() error {
	first, second := s.Along, s.Across
	s.names = [2]string{"Along", "Across"} // for messages
	if s.To != nil {
		s.names[0] = nameOf(s.Points, s.To, "To")
		s.To = s.turnedTo()
		first = minusPoint(s.To, s.Center)
	} else if first == nil {
		first = s.random("first direction")
		s.names[0] = s.randomName()
	}
	switch {
	case s.line:
	case s.Third != nil:
		s.names[1] = nameOf(s.Points, s.Third, "Third")
		s.Third = s.gauge.near(s.Third, s.Center)
		second = minusPoint(s.Third, s.Center)
	case second == nil:
		second = s.random("second direction")
		s.names[1] = s.randomName()
	}
	var err error
	if s.plane, err = newPlane(s.Center, first, second, s.To != nil); err != nil && s.line {
		return fmt.Errorf("%w (%s)", err, s.names[0])
	} else if err != nil {
		return fmt.Errorf("%w (axes %s and %s); two different ones are accepted", err, s.names[0], s.names[1])
	}
	return nil
}

func (s *slice) randomName() string { return fmt.Sprintf("random direction (seed %d)", s.Seed) }

// random is a point of independent normal entries.
func (s *slice) random(name string) *lr.Factors {
	x := lr.NewPoint(s.Problem)
	rng := lr.Stream(s.Seed, "show.Landscape "+name)
	d, r := x.U.Dims()
	x.U = lr.NormalMatrix(rng, d, r)
	if x.V != nil {
		d, r = x.V.Dims()
		x.V = lr.NormalMatrix(rng, d, r)
	}
	return x
}

func minusPoint(x, y *lr.Factors) *lr.Factors {
	d := x.Clone()
	d.AddScaled(-1, y)
	return d
}

// turnedTo is To turned to lie nearest to Center or, where Path leads from
// Center to To, as the end of Path: Center alone leaves it open which way a column
// of To points that Center is orthogonal to.
func (s *slice) turnedTo() *lr.Factors {
	to := s.gauge.near(s.To, s.Center)
	if len(s.Path) == 0 {
		return to
	}
	last := s.Path[len(s.Path)-1]
	if r := s.gauge.rotation(s.Path[0], s.Center); r != nil {
		last = turned(last, r)
	}
	end := s.gauge.near(s.To, last)
	if minusPoint(end, last).Norm() <= 0.1*minusPoint(end, s.Center).Norm() {
		return end
	}
	return to
}

// nearest turns x to lie nearest to Center, To or Third, whichever brings it
// nearest to the plane, and projects it. A point of Path is turned as Path is.
func (s *slice) nearest(x *lr.Factors) projected {
	for _, q := range s.Path {
		if q == x || q.Equal(x) {
			return s.plane.project(maybeTurned(x, s.turn))
		}
	}
	at := s.plane.project(x)
	for _, ref := range []*lr.Factors{s.Center, s.To, s.Third} {
		if ref == nil {
			continue
		}
		if q := s.plane.project(s.gauge.near(x, ref)); q.off < at.off {
			at = q
		}
	}
	return at
}

func maybeTurned(x *lr.Factors, r *mat.Dense) *lr.Factors {
	if r == nil {
		return x
	}
	return turned(x, r)
}

// follow projects the path, turned as a whole, so that it stays connected: as
// its last point is turned to To, or its first to Center, whichever leaves it
// nearest to the plane.
func (s *slice) follow() {
	if len(s.Path) == 0 {
		return
	}
	turns := []*mat.Dense{nil, s.gauge.rotation(s.Path[0], s.Center)}
	if s.To != nil {
		turns = append(turns, s.gauge.rotation(s.Path[len(s.Path)-1], s.To))
	}
	var least float64
	for i, r := range turns {
		if i > 0 && r == nil {
			continue
		}
		var line plotter.XYs
		var sum, most float64
		for _, x := range s.Path {
			q := s.plane.project(maybeTurned(x, r))
			line = append(line, plotter.XY{X: q.s, Y: q.t})
			sum, most = sum+q.off*q.off, math.Max(most, q.off)
		}
		if i == 0 || sum < least {
			s.path, s.turn, s.off, least = line, r, most, sum
		}
	}
}

// ends chooses the rectangle: what is asked for, else around all points.
func (s *slice) ends(eval lr.Evaluator) *grid2 {
	box := plotter.XYs{{}}
	if s.To != nil {
		box = append(box, plotter.XY{X: 1})
	}
	if s.Third != nil {
		q := s.plane.project(s.Third)
		box = append(box, plotter.XY{X: q.s, Y: q.t})
	}
	for _, m := range s.marks {
		box = append(box, plotter.XY{X: m.s, Y: m.t})
	}
	box = append(box, s.path...)
	a, b, lo, hi := plotter.XYRange(box)
	size := math.Max(b-a, hi-lo)
	if s.To == nil {
		size = math.Max(size, 2*s.plane.reach(eval)/1.6)
	}
	across := func(lo, hi, least float64) (float64, float64) {
		mid, half := (lo+hi)/2, math.Max((hi-lo)/2+0.3*size, least)
		return mid - half, mid + half
	}
	g := &grid2{n: s.N, x0: s.X0, x1: s.X1, y0: s.Y0, y1: s.Y1}
	if g.x0 == 0 && g.x1 == 0 {
		g.x0, g.x1 = across(a, b, 0.8*size)
	}
	if g.y0 == 0 && g.y1 == 0 {
		g.y0, g.y1 = across(lo, hi, 0.8*size)
	}
	return g
}
