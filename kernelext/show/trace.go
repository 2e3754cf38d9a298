package show

import (
	"errors"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// Loss is the objective of a run over its iterations, as a series of [Lines].
func Loss(name string, t *lr.Trace) Series { return Column(name, t, "iter", "loss") }

// SqErr is ‖M−M*‖F² over the iterations, where the truth M* is known.
func SqErr(name string, t *lr.Trace) Series { return Column(name, t, "iter", "sq_err") }

// RelErr is ‖M−M*‖F/‖M*‖F over the iterations, where the truth M* is known.
func RelErr(name string, t *lr.Trace) Series { return Column(name, t, "iter", "rel_err") }

// GradNorm is the norm of the gradient over the iterations.
func GradNorm(name string, t *lr.Trace) Series { return Column(name, t, "iter", "grad_norm") }

// Column is a series of two columns of a trace, by their names in
// [lr.Trace.Column]:
//
//	show.Column("GD", trace, "seconds", "loss")
func Column(name string, t *lr.Trace, x, y string) Series {
	if t == nil {
		return Series{Name: name, err: fmt.Errorf("show: the trace of series %q is nil", name)}
	}
	xs, errX := t.Column(x)
	ys, errY := t.Column(y)
	if err := errors.Join(errX, errY); err != nil {
		return Series{Name: name, err: fmt.Errorf("show: series %q: %w", name, err)}
	}
	return Series{Name: name, X: xs, Y: ys}
}

// Curves draws the traces of runs over their iterations. One trace shows its
// loss, its gradient norm and, where the truth is known, its relative error.
// Several traces show a panel of their losses and, where the truth is known to
// any of them, one of their squared errors; the legend names them by what tells
// them apart, the method or the problem. For names of your own, see [Lines].
func Curves(traces ...*lr.Trace) *Figure {
	if len(traces) == 0 {
		return failed(errors.New("show: Curves needs a trace; none was given"))
	}
	for i, t := range traces {
		switch {
		case t == nil:
			return failed(fmt.Errorf("show: trace %d of %d is nil", i+1, len(traces)))
		case len(t.Rows) == 0:
			return failed(fmt.Errorf("show: trace %d of %d has no rows", i+1, len(traces)))
		}
	}
	if len(traces) == 1 {
		return oneTrace(traces[0])
	}
	names := distinct(traces)
	loss := Lines{Title: "Loss", YLabel: "loss"}
	sqErr := Lines{Title: "Squared error", YLabel: "‖M − M*‖² (Frobenius)"}
	for i, t := range traces {
		loss.Series = append(loss.Series, Loss(names[i], t))
		if s := SqErr(names[i], t); known(s.Y) {
			sqErr.Series = append(sqErr.Series, s)
		}
	}
	if len(sqErr.Series) < len(traces) {
		return loss.Figure()
	}
	return Panels(loss.Figure(), sqErr.Figure())
}

func oneTrace(t *lr.Trace) *Figure {
	l := Lines{Title: shorten(t.Method, 60), YLabel: "value"}
	for _, s := range []Series{Loss("loss", t), GradNorm("gradient norm", t), RelErr("relative error", t)} {
		if known(s.Y) {
			l.Series = append(l.Series, s)
		}
	}
	if len(l.Series) == 0 {
		l.Series = []Series{Loss("loss", t)}
	}
	return l.Figure()
}

// known reports whether any value is a number.
func known(values []float64) bool {
	for _, v := range values {
		if !math.IsNaN(v) {
			return true
		}
	}
	return false
}

// distinct names traces by method if no two have the same, else by problem,
// else by number.
func distinct(traces []*lr.Trace) []string {
	for _, of := range []func(*lr.Trace) string{
		func(t *lr.Trace) string { return t.Method },
		func(t *lr.Trace) string { return t.Problem },
	} {
		var names []string
		seen := map[string]bool{"": true}
		for _, t := range traces {
			name := shorten(of(t), 32)
			if seen[name] {
				break
			}
			seen[name] = true
			names = append(names, name)
		}
		if len(names) == len(traces) {
			return names
		}
	}
	var names []string
	for i := range traces {
		names = append(names, fmt.Sprintf("run %d", i+1))
	}
	return names
}

// shorten cuts s to n letters.
func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// traceContent is how a trace shows: its curves, and its summary as text.
func traceContent(t *lr.Trace) Data {
	b := Curves(t).Render()
	b.Data[TextMIME] = t.String()
	return Data{MIME: b.Data, Metadata: b.Metadata}
}
