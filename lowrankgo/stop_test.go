package lowrankgo_test

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// losses makes a trace of these losses; gradient norms and errors are equal to
// them.
func losses(values ...float64) *lr.Trace {
	t := &lr.Trace{}
	for k, v := range values {
		t.Rows = append(t.Rows, lr.Row{Iter: k, Loss: v, GradNorm: v, RelErr: v, SqErr: v, Step: 0.5})
	}
	return t
}

func TestStops(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name string
		rule lr.Stop
		t    *lr.Trace
		want lr.Status
	}{
		{"GradBelow above", lr.GradBelow(1), losses(3, 2), lr.Running},
		{"GradBelow at", lr.GradBelow(1), losses(3, 1), lr.GradientConverged},
		{"GradBelow looks at the last row", lr.GradBelow(1), losses(0.5, 2), lr.Running},
		{"GradBelow of NaN", lr.GradBelow(1), losses(nan), lr.Running},
		{"LossBelow", lr.LossBelow(1), losses(1), lr.LossConverged},
		{"LossBelow of a negative", lr.LossBelow(-5), losses(-4), lr.Running},
		{"RelErrBelow", lr.RelErrBelow(1), losses(2, 0.5), lr.ErrorConverged},
		{"RelErrBelow unknown", lr.RelErrBelow(1), losses(nan), lr.Running},
		{"SqErrBelow", lr.SqErrBelow(1), losses(2, 0.5), lr.ErrorConverged},
		{"SqErrBelow unknown", lr.SqErrBelow(math.Inf(1)), losses(nan), lr.Running},
		{"GradReduced not yet", lr.GradReduced(0.1), losses(10, 2), lr.Running},
		{"GradReduced", lr.GradReduced(0.1), losses(10, 1), lr.GradientConverged},
		{"GradReduced from a saddle", lr.GradReduced(0.1), losses(1e-9, 1, 0.5), lr.Running},
		{"GradReduced after a saddle", lr.GradReduced(0.1), losses(1e-9, 1, 0.05), lr.GradientConverged},
		{"GradReduced of NaN", lr.GradReduced(0.1), losses(nan, nan), lr.Running},
		{"GradReduced at a critical start", lr.GradReduced(0.1), losses(0, 0), lr.Running},
		{"StalledFor too short", lr.StalledFor(2, 0.1), losses(1, 1), lr.Running},
		{"StalledFor falling", lr.StalledFor(2, 0.1), losses(1, 0.95, 0.8), lr.Running},
		{"StalledFor flat", lr.StalledFor(2, 0.1), losses(5, 1, 0.95, 0.91), lr.Stalled},
		{"StalledFor rising", lr.StalledFor(1, 0), losses(1, 2), lr.Stalled},
		{"StalledFor negative losses", lr.StalledFor(1, 0.1), losses(-10, -12), lr.Running},
		{"StalledFor no rows", lr.StalledFor(0, 1), losses(1, 1), lr.Running},
		{"Any of none", lr.Any(), losses(0), lr.Running},
		{"Any, first", lr.Any(lr.LossBelow(1), lr.GradBelow(1)), losses(0), lr.LossConverged},
		{"Any, second", lr.Any(lr.LossBelow(-1), lr.GradBelow(1)), losses(0), lr.GradientConverged},
		{"All of none", lr.All(), losses(0), lr.Running},
		{"All, one holds", lr.All(lr.LossBelow(1), lr.GradBelow(-1)), losses(0), lr.Running},
		{"All hold", lr.All(lr.LossBelow(1), lr.GradBelow(1)), losses(0), lr.GradientConverged},
		{"nested", lr.Any(lr.All(lr.LossBelow(-1)), lr.All(lr.GradBelow(1), lr.LossBelow(1))), losses(0), lr.LossConverged},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.rule(c.t); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if again := c.rule(c.t); again != c.want {
				t.Errorf("asked again it says %v: the rule is not pure", again)
			}
			if got := c.rule(&lr.Trace{}); got != lr.Running {
				t.Errorf("a trace without rows gives %v", got)
			}
		})
	}
}

func TestStatus(t *testing.T) {
	texts := map[string]bool{}
	for s := lr.Running; s <= lr.Failed; s++ {
		if s.String() == "" || texts[s.String()] {
			t.Errorf("status %d prints as %q, as another does", s, s)
		}
		texts[s.String()] = true
		converged := s == lr.GradientConverged || s == lr.LossConverged || s == lr.ErrorConverged || s == lr.ResidualConverged
		if s.Converged() != converged || s.Early() != (s != lr.Running && !converged) {
			t.Errorf("%v: Converged %t, Early %t", s, s.Converged(), s.Early())
		}
		want := map[lr.Status]error{lr.Canceled: lr.ErrCanceled, lr.Diverged: lr.ErrDiverged, lr.Failed: lr.ErrFailed}[s]
		if s.Err() != want {
			t.Errorf("%v: Err %v, want %v", s, s.Err(), want)
		}
	}
	for _, s := range []lr.Status{-1, lr.Failed + 1} {
		if s.String() != "unknown status" {
			t.Errorf("status %d prints as %q", int(s), s)
		}
	}
}
