package show

import (
	"errors"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
)

// Landscape draws a two-dimensional slice of an objective g from above: the
// plane through two points, or along directions from one,
//
//	(s, t) ↦ g(Center + s·e1 + t·e2),  e1 ⊥ e2
//
// with points of interest projected on it and marked by the verdict of their
// certificates, and the path of a run.
//
//	show.Landscape{Problem: p, Center: saddle, To: end, Path: points,
//		Points: []show.LandscapePoint{{Name: "saddle", X: saddle, Certificate: a}, {Name: "end", X: end, Certificate: b}}}.Figure()
//	show.Landscape{Problem: p, Center: saddle, Along: a.Curvature.Direction}.Figure()
//
// Lengths are Frobenius norms over both factors. The first axis runs from
// Center to To, both axes in units of their distance, or in the direction Along,
// in units of the norm. The second axis is the part orthogonal to it of Third −
// Center, of Across, or of a random direction.
//
// Colours are even in g, or in the logarithm of its height above the slice's
// least value where most of the slice, or a point in it, is low. The level of a
// saddle in the plane is a dark line. A slice shows what a plane meets
// and no more: a minimum in it may be none outside. A point that is not on the
// plane is drawn at its projection, and its label and the text say how far off
// it is; g there is another than the colours say.
//
// It costs N² evaluations of g and a few, over as many threads as there are,
// each with an evaluator and a point of its own. It ends when [Context] does. The
// same input gives the same picture for any number of threads.
type Landscape struct {
	Title   string
	Problem lr.Problem
	Center  *lr.Factors
	To      *lr.Factors // a second point on the first axis, or
	Along   *lr.Factors // the direction of that axis; default random

	Third  *lr.Factors // a third point of the plane, or
	Across *lr.Factors // a direction for the second axis; default random
	Seed   uint64      // of random directions

	Points []LandscapePoint // drawn where they project to
	Path   []*lr.Factors    // drawn as a line through the projections

	X0, X1 float64 // ends of the first axis, in its unit; default around all points
	Y0, Y1 float64 // and of the second
	N      int     // points of the grid along each axis, 8 to 400; default 61

	// KeepGauge takes all points as they are. By default To, Third, Points and
	// Path are first turned by orthogonal matrices, (U, V) → (UR, VR), to lie
	// nearest to Center or To, [G] Def 6: without that two factors of the same
	// matrix are far apart and the slice shows the gauge. Path is turned as a
	// whole, and To as its end where it leads there. A problem whose value
	// changes with R is left alone, and the text says so.
	KeepGauge bool

	XLabel, YLabel string // default what the axis is, with its unit
	ZLabel         string // default "g"

	Levels []float64 // values of g whose lines are drawn dark, at most 8

	owner string // in messages
	line  bool   // there is no second axis
}

// LandscapePoint is a point of interest of a [Landscape], a [Profile] or a
// [Spectrum].
type LandscapePoint struct {
	Name        string                 // beside the point
	X           *lr.Factors            // of the problem's shape
	Certificate *landscape.Certificate // what it is; may be nil
}

// Err returns what is wrong with l, or nil.
func (l Landscape) Err() error {
	owner := orDefault(l.owner, "Landscape")
	if err := checkSlice(owner, l.Problem, l.N, l.points()); err != nil {
		return err
	}
	switch {
	case l.Center == nil:
		return fmt.Errorf("show: the %s has no Center", owner)
	case l.To != nil && l.Along != nil:
		return fmt.Errorf("show: the %s has both To and Along; one of them is the first axis", owner)
	case l.Third != nil && l.Across != nil:
		return errors.New("show: the Landscape has both Third and Across; one of them is the second axis")
	case len(l.Points) > 16:
		return fmt.Errorf("show: the %s has %d Points; at most 16 are accepted", owner, len(l.Points))
	case len(l.Levels) > maxSeries:
		return fmt.Errorf("show: the Landscape has %d Levels; at most %d are accepted", len(l.Levels), maxSeries)
	}
	for _, ends := range []struct {
		name   string
		lo, hi float64
	}{{"X", l.X0, l.X1}, {"Y", l.Y0, l.Y1}} {
		if err := checkEnds(owner, ends.name, ends.lo, ends.hi); err != nil {
			return err
		}
	}
	return nil
}

// points is everything of l that must have the problem's shape.
func (l Landscape) points() []LandscapePoint {
	all := []LandscapePoint{{"Center", l.Center, nil}, {"To", l.To, nil}, {"Along", l.Along, nil}, {"Third", l.Third, nil}, {"Across", l.Across, nil}}
	given := all[:0]
	for _, q := range all {
		if q.X != nil {
			given = append(given, q)
		}
	}
	for i, q := range l.Points {
		given = append(given, LandscapePoint{fmt.Sprintf("point %d of %d, %q,", i+1, len(l.Points), q.Name), q.X, nil})
	}
	for i, x := range l.Path {
		given = append(given, LandscapePoint{fmt.Sprintf("point %d of %d of Path", i+1, len(l.Path)), x, nil})
	}
	return given
}

// checkSlice checks what figures of a problem have in common. A problem's
// panic is an error.
func checkSlice(owner string, p lr.Problem, n int, points []LandscapePoint) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("show: the problem of the %s panicked: %v", owner, r)
		}
	}()
	if err := lr.CheckProblem(p); err != nil {
		return fmt.Errorf("show: the %s: %w", owner, err)
	}
	if n != 0 && (n < 8 || n > 400) {
		return fmt.Errorf("show: the %s has N = %d; 8 to 400 are accepted, or 0 for the default", owner, n)
	}
	for _, q := range points {
		if err := lr.CheckPoint(p, q.X); err != nil {
			return fmt.Errorf("show: %s of the %s: %w", q.Name, owner, err)
		}
	}
	return nil
}

func checkEnds(owner, axis string, lo, hi float64) error {
	if lo == 0 && hi == 0 || lo < hi && !math.IsInf(hi-lo, 0) {
		return nil
	}
	return fmt.Errorf("show: the %s has %s0, %s1 = %v, %v; finite numbers with %s0 < %s1 are accepted, or 0 and 0 for the default",
		owner, axis, axis, lo, hi, axis, axis)
}

// Figure computes the slice and draws it.
func (l Landscape) Figure() (f *Figure) {
	if err := l.Err(); err != nil {
		return failed(err)
	}
	defer func() { // the problem is a user's
		if r := recover(); r != nil {
			f = failed(fmt.Errorf("show: the problem of the Landscape panicked: %v", r))
		}
	}()
	l.ZLabel = orDefault(l.ZLabel, "g")
	if l.N == 0 {
		l.N = defaultGrid
	}
	s, err := newSlice(l)
	if err != nil {
		return failed(fmt.Errorf("show: the Landscape: %w", err))
	}
	if err := s.plane.sample(Context(), l.Problem, s.grid); err != nil {
		return failed(fmt.Errorf("show: the Landscape: %w", err))
	}
	return s.figure()
}

// SimpleRender is how the slice shows in a notebook: as its figure.
func (l Landscape) SimpleRender() map[string]interface{} { return l.Figure().Render().Data }

// String is the figure's text.
func (l Landscape) String() string { return l.Figure().String() }
