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

// Residual is ‖M+S−Data‖F/‖Data‖F over the iterations, of a method that splits
// the data into M and S by a rule of its own.
func Residual(name string, t *lr.Trace) Series { return Column(name, t, "iter", "residual") }

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

// Curves draws the traces of runs over their iterations. One trace shows what
// is known among its loss, its gradient norm, its relative error and its
// residual. Several traces show a panel of their losses and, where the truth is
// known to all of them, one of their squared errors; the legend names them by
// what tells them apart, the method or the problem. Where a trace has no loss, as
// those of methods that split the data by a rule of their own (see
// [lr.Splitter]), residuals are shown in place of losses, or beside them if
// another trace has no residual. For names of your own, see [Lines].
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
	loss, withLoss := linesOf(Lines{Title: "Loss", YLabel: "loss"}, Loss, names, traces)
	residual, withResidual := linesOf(Lines{Title: "Residual", YLabel: "‖M + S − Data‖ / ‖Data‖"}, Residual, names, traces)
	sqErr, withTruth := linesOf(Lines{Title: "Squared error", YLabel: "‖M − M*‖² (Frobenius)"}, SqErr, names, traces)
	lossAlone := false // of some trace
	for i := range traces {
		lossAlone = lossAlone || known(loss.Series[i].Y) && !known(residual.Series[i].Y)
	}
	var panels []*Figure
	if lossAlone || withLoss == len(traces) || withResidual == 0 {
		panels = append(panels, loss.Figure())
	}
	if withLoss < len(traces) && withResidual > 0 {
		panels = append(panels, residual.Figure())
	}
	if withTruth == len(traces) {
		panels = append(panels, sqErr.Figure())
	}
	if len(panels) == 1 {
		return panels[0]
	}
	return Panels(panels...)
}

// linesOf adds one number of every trace to l and counts the traces that know
// it. The others stay as series without a point, so that a trace has the same
// style in every panel.
func linesOf(l Lines, of func(string, *lr.Trace) Series, names []string, traces []*lr.Trace) (with Lines, count int) {
	for i, t := range traces {
		s := of(names[i], t)
		l.Series = append(l.Series, s)
		if known(s.Y) {
			count++
		}
	}
	return l, count
}

func oneTrace(t *lr.Trace) *Figure {
	l := Lines{Title: shorten(t.Method, 60), YLabel: "value"}
	for _, s := range []Series{Loss("loss", t), GradNorm("gradient norm", t), RelErr("relative error", t), Residual("residual", t)} {
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
