package show

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"
)

// Series is one curve: Y over X. An empty X counts 0, 1, 2, …. Points that
// are not finite, and on a logarithmic axis points that are not positive, are
// left out and the curve is broken there.
type Series struct {
	Name string    // in the legend; may be empty when there is one series
	X    []float64 // as long as Y, or empty
	Y    []float64

	err error // of a series that could not be made
}

// Lines draws series as curves in one panel, on a logarithmic y axis unless
// LinearY is set:
//
//	show.Lines{
//		Title: "Fitting error", XLabel: "iteration", YLabel: "½‖𝒜(UVᵀ)−b‖²",
//		Series: []show.Series{show.Loss("μ = 0", a), show.Loss("μ = 0.1", b)},
//	}.Figure()
//
// At most 8 series are accepted, so that they can be told apart without colour.
// A long series is thinned to some hundred points that keep its extremes.
type Lines struct {
	Title   string
	XLabel  string // with its unit, if it has one; default "iteration"
	YLabel  string // likewise; no default
	LogX    bool   // logarithmic x axis
	LinearY bool   // linear y axis
	Series  []Series
}

// Err returns what is wrong with l, or nil.
func (l Lines) Err() error {
	if len(l.Series) == 0 {
		return errors.New("show: Lines needs a Series; none was given")
	}
	return checkSeries("Lines", l.Series)
}

// checkSeries returns what is wrong with the series of a figure, or nil.
func checkSeries(owner string, series []Series) error {
	if len(series) > maxSeries {
		return fmt.Errorf("show: %s has %d series; at most %d can be told apart", owner, len(series), maxSeries)
	}
	for i, s := range series {
		switch {
		case s.err != nil:
			return s.err
		case len(s.Y) == 0:
			return fmt.Errorf("show: series %d %q has no points", i+1, s.Name)
		case len(s.X) != 0 && len(s.X) != len(s.Y):
			return fmt.Errorf("show: series %d %q has %d values of X and %d of Y; as many are accepted, or no X", i+1, s.Name, len(s.X), len(s.Y))
		}
	}
	return nil
}

// Figure draws the lines.
func (l Lines) Figure() *Figure {
	if err := l.Err(); err != nil {
		return failed(err)
	}
	if l.XLabel == "" {
		l.XLabel = "iteration"
	}
	p := newPlot(l.Title, l.XLabel, l.YLabel)
	if !l.LinearY {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, logTicks{}
	}
	if l.LogX {
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, logTicks{}
	}
	p.Add(gridLines{})
	info := panel{}
	var summary []string
	drawn := 0
	for i, s := range l.Series {
		c := newCurve(s, i, len(l.Series), l.LogX, !l.LinearY)
		summary = append(summary, "  "+c.summary)
		if c.points == 0 {
			continue
		}
		drawn++
		p.Add(c)
		if s.Name != "" {
			info.entries = append(info.entries, entry{s.Name, i, c})
		}
	}
	if drawn == 0 {
		return failed(fmt.Errorf("show: no series of %q has a point that can be drawn; %s", l.Title, positive(!l.LinearY)))
	}
	widen(&p.X, l.LogX, 0)
	widen(&p.Y, !l.LinearY, 0.04)
	info.lines = summary
	return &Figure{Plots: []*plot.Plot{p}, panels: []panel{info}}
}

func positive(log bool) string {
	if log {
		return "finite values above 0 are accepted on a logarithmic axis"
	}
	return "finite values are accepted"
}

// SimpleRender is how the lines show in a notebook: as their figure.
func (l Lines) SimpleRender() map[string]interface{} { return l.Figure().Render().Data }

// String is the figure's text.
func (l Lines) String() string { return l.Figure().String() }

// widen gives an axis some room beyond its data, share of its length; a
// logarithmic axis over more than two decades ends at powers of ten.
func widen(a *plot.Axis, log bool, share float64) {
	if !log {
		room := share * (a.Max - a.Min)
		if a.Max == a.Min {
			room = math.Max(math.Abs(a.Max)*0.1, 0.5)
		}
		a.Min, a.Max = a.Min-room, a.Max+room
		return
	}
	lo, hi := math.Log10(a.Min), math.Log10(a.Max)
	switch {
	case hi-lo > 2:
		lo, hi = math.Floor(lo), math.Ceil(hi)
	case hi == lo:
		lo, hi = lo-0.5, hi+0.5
	default:
		lo, hi = lo-share*(hi-lo), hi+share*(hi-lo)
	}
	a.Min, a.Max = math.Pow(10, lo), math.Pow(10, hi)
}

// gridLines draws faint lines at the labelled ticks.
type gridLines struct{}

// Plot implements plot.Plotter.
func (gridLines) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := draw.LineStyle{Color: faint, Width: 0.5}
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		if at := x(t.Value); !t.IsMinor() && c.ContainsX(at) {
			c.StrokeLine2(style, at, c.Min.Y, at, c.Max.Y)
		}
	}
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if at := y(t.Value); !t.IsMinor() && c.ContainsY(at) {
			c.StrokeLine2(style, c.Min.X, at, c.Max.X, at)
		}
	}
}
