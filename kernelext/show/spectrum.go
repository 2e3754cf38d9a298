package show

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
)

// Spectrum draws all eigenvalues of the Hessian of an objective at one point or
// several, a row for each: positive ones above the row's line, negative ones
// below it in another colour and with a point of their own, those that are 0 to
// rounding as a ring with their number, directions along the gauge among them.
// The axis is linear around 0 and logarithmic beyond.
//
//	show.Spectrum{Problem: p, Points: []show.LandscapePoint{{Name: "saddle", X: saddle, Certificate: c}, {Name: "end", X: end}}}.Figure()
//
// Of a point with a certificate, the smallest eigenvalue that the certificate
// found stands above the row, with its residual to both sides: some eigenvalue
// lies within. Where nothing is below it, it is the smallest.
//
// The eigenvalues are those of [landscape.HessianEigenvalues], which says what
// they cost; problems of up to r(d1+d2) = 2000 are accepted, for others a
// certificate alone has to do.
type Spectrum struct {
	Title   string
	Problem lr.Problem
	Points  []LandscapePoint // 1 to 8
	// Majoriser shows the Hessian of the majoriser at each point, [G] Def 5,
	// as robust PCA has one.
	Majoriser bool
	XLabel    string // default "eigenvalue of the Hessian"
}

// Err returns what is wrong with s, or nil.
func (s Spectrum) Err() error {
	if err := checkSlice("Spectrum", s.Problem, 0, nil); err != nil {
		return err
	}
	switch n := len(s.Points); {
	case n == 0:
		return errors.New("show: the Spectrum needs a point; none was given")
	case n > maxSeries:
		return fmt.Errorf("show: the Spectrum has %d points; at most %d are accepted", n, maxSeries)
	}
	return nil
}

// Figure computes the eigenvalues and draws them.
func (s Spectrum) Figure() (f *Figure) {
	if err := s.Err(); err != nil {
		return failed(err)
	}
	defer func() { // the problem is a user's
		if r := recover(); r != nil {
			f = failed(fmt.Errorf("show: the problem of the Spectrum panicked: %v", r))
		}
	}()
	var rows []*spectrumRow
	for i, q := range s.Points {
		row, err := s.row(q)
		if err != nil {
			return failed(fmt.Errorf("show: point %d of %d of the Spectrum, %q: %w", i+1, len(s.Points), q.Name, err))
		}
		rows = append(rows, row)
	}
	return s.draw(rows)
}

// row computes the eigenvalues at a point.
func (s Spectrum) row(q LandscapePoint) (*spectrumRow, error) {
	p := s.Problem
	if s.Majoriser {
		var err error
		if p, err = lr.MajoriserOf(p, q.X); err != nil {
			return nil, err
		}
	}
	values, err := landscape.HessianEigenvalues(Context(), p, q.X)
	if err != nil {
		return nil, err
	}
	r := &spectrumRow{LandscapePoint: q, values: values}
	for _, v := range values {
		r.largest = math.Max(r.largest, math.Abs(v))
	}
	for _, v := range values {
		switch {
		case math.Abs(v) <= roundedToZero*r.largest:
			r.zeros++
		case v < 0:
			r.negative++
		}
	}
	return r, nil
}

// roundedToZero is the part of the largest eigenvalue below which one counts as
// 0.
const roundedToZero = 1e-10

// spectrumRow is the eigenvalues at a point.
type spectrumRow struct {
	LandscapePoint
	values          []float64 // ascending
	largest         float64   // in size
	zeros, negative int
}

// describe says the row in words.
func (r *spectrumRow) describe() string {
	text := fmt.Sprintf("  %s: %d eigenvalues, %d negative, %d zero to rounding", orDefault(r.Name, "point"), len(r.values), r.negative, r.zeros)
	c := r.Certificate
	if c != nil && c.GaugeDim > 0 && r.zeros > 0 {
		text += fmt.Sprintf(" (%d along the gauge)", min(c.GaugeDim, r.zeros))
	}
	text += fmt.Sprintf("; smallest %s, largest %s", formatNumber(r.values[0], 4), formatNumber(r.values[len(r.values)-1], 4))
	if c != nil {
		text += "; certificate: " + curvatureWords(c.Curvature) + ", " + styleOf(c).name
	}
	return text
}

// SimpleRender is how the spectrum shows in a notebook: as its figure.
func (s Spectrum) SimpleRender() map[string]interface{} { return s.Figure().Render().Data }

// String is the figure's text.
func (s Spectrum) String() string { return s.Figure().String() }

// draw draws the rows.
func (s Spectrum) draw(rows []*spectrumRow) *Figure {
	var all []float64
	lo, hi, largest := 0.0, 0.0, 0.0
	for _, r := range rows {
		all = append(all, r.values...)
		lo, hi = math.Min(lo, r.values[0]), math.Max(hi, r.values[len(r.values)-1])
		largest = math.Max(largest, r.largest)
		if c := r.Certificate; c != nil && drawable(c.Curvature.Value, false) {
			lo, hi = math.Min(lo, c.Curvature.Value), math.Max(hi, c.Curvature.Value)
		}
	}
	axis := newSymlog(all, roundedToZero*largest, 5)
	name := "eigenvalue of the Hessian"
	if s.Majoriser {
		name = "eigenvalue of the majoriser’s Hessian"
	}
	p := newPlot(orDefault(s.Title, "Spectrum of the Hessian"), orDefault(s.XLabel, name), "")
	p.X.Min, p.X.Max = axis.ends(lo, hi, 0.04)
	p.X.Scale, p.X.Tick.Marker = axis, axis
	p.X.Label.TextStyle.Handler = unmeasured{textStyle(labelSize).Handler.(scripts)}
	p.Y.Min, p.Y.Max = -float64(len(rows))+0.5, 0.5
	p.Y.Tick.Marker = rowTicks(rows)
	p.Y.Tick.Length = 0
	p.Add(&spectrumView{rows, axis})
	info := panel{aspect: math.Min(math.Max(0.17*float64(len(rows)), 0.3), 0.9), entries: spectrumEntries(rows)}
	info.lines = append(info.lines, fmt.Sprintf("  axis linear between ±%s, logarithmic beyond", formatNumber(axis.linear, 3)))
	for _, r := range rows {
		info.lines = append(info.lines, r.describe())
	}
	return &Figure{Plots: []*plot.Plot{p}, panels: []panel{info}}
}
