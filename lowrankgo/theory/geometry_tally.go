package theory

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
)

// rounding is the part of its scale by which an inequality may miss.
const rounding = 1e-9

// tally gathers checks of an ensemble into a measurement.
type tally struct {
	m        Measurement
	met      map[landscape.Answer]int
	constant []float64 // what a paper leaves open, at each instance
}

func newTally() *tally { return &tally{m: NewMeasurement(0), met: map[landscape.Answer]int{}} }

// ensemble calls one for the instances 0 … n−1, which are counted, and ends early
// with ctx.
func (t *tally) ensemble(ctx context.Context, n int, one func(i int) error) (Measurement, error) {
	for i := range n {
		if err := ctx.Err(); err != nil {
			return t.m, err
		}
		if err := one(i); err != nil {
			return t.m, fmt.Errorf("instance %d: %w", i, err)
		}
		t.m.Instances++
	}
	return t.m, nil
}

// add counts a check. An inequality whose hypotheses an instance does not meet is
// no violation; an identity is looked at in any case.
func (t *tally) add(c landscape.Check) {
	applies := c.Applies()
	if len(c.Hypotheses) > 0 {
		t.met[applies]++
	}
	if c.Relation == landscape.Equal {
		t.residual(c.Residual())
		return
	}
	if applies != landscape.No {
		t.inequality(c)
	}
}

// inequality counts a violation beyond rounding, and how near to equality an
// inequality comes whose sides are of one sign and not rounding themselves.
func (t *tally) inequality(c landscape.Check) {
	if !c.Holds(rounding) {
		t.m.Violations++
	}
	least := 1e-6 * c.Scale
	switch {
	case c.Left >= 0 && c.Right > least:
		t.closest(c.Left / c.Right)
	case c.Left < -least && c.Right < 0:
		t.closest(c.Right / c.Left)
	}
}

func (t *tally) residual(v float64) { t.m.Residual = orLarger(t.m.Residual, v) }

func (t *tally) closest(v float64) { t.m.Closest = orLarger(t.m.Closest, v) }

// orLarger is the larger of the two, and a NaN in b is not lost; a may be NaN for
// nothing yet.
func orLarger(a, b float64) float64 {
	if math.IsNaN(a) || math.IsNaN(b) || b > a {
		return b
	}
	return a
}

// describeMet says how many instances met the hypotheses.
func (t *tally) describeMet() string {
	all := t.met[landscape.Yes] + t.met[landscape.Unknown] + t.met[landscape.No]
	switch {
	case all == 0:
		return ""
	case t.met[landscape.Yes] == all:
		return "all of them on every instance"
	}
	return fmt.Sprintf("all on %s, some unknown on %s, one not met on %s", grouped(t.met[landscape.Yes]), grouped(t.met[landscape.Unknown]), grouped(t.met[landscape.No]))
}

// median is the middle of the constants, with their range.
func (t *tally) median(name string) *Constant {
	s := slices.Sorted(slices.Values(t.constant))
	return &Constant{Name: name, Value: s[len(s)/2], Low: s[0], High: s[len(s)-1]}
}
