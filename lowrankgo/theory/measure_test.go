package theory

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
)

// counting is an item whose measurement tells the effort.
func counting(name string) Item {
	return Item{Name: name, Measure: func(ctx context.Context, e Effort) (Measurement, error) {
		m := NewMeasurement(e.instances(100))
		m.Residual = float64(e.Seed)
		return m, ctx.Err()
	}}
}

// failing is an item that cannot be measured.
func failing(name string, err error) Item {
	return Item{Name: name, Measure: func(context.Context, Effort) (Measurement, error) { return Measurement{}, err }}
}

func TestRun(t *testing.T) {
	items := make([]Item, 20)
	for i := range items {
		items[i] = counting(fmt.Sprint("item ", i))
	}
	for _, workers := range []int{0, 1, 3, 50} {
		var told []string
		lines, err := Ensembles{
			Items: items, Effort: Effort{Seed: 9, Quick: true}, Workers: workers,
			OnDone: func(done, total int, name string) { told = append(told, fmt.Sprint(done, " of ", total, ": ", name)) },
		}.Run(t.Context())
		if err != nil || len(lines) != 20 || len(told) != 20 || !strings.HasPrefix(told[19], "20 of 20: item ") {
			t.Fatalf("%d lines, %v, %v", len(lines), told, err)
		}
		for i, l := range lines {
			if l.Item.Name != items[i].Name || l.Measurement.Instances != 10 || l.Measurement.Residual != 9 || !math.IsNaN(l.Measurement.Closest) {
				t.Errorf("line %d: %+v", i, l)
			}
		}
	}
	if lines, err := (Ensembles{}).Run(t.Context()); len(lines) != 0 || err != nil {
		t.Errorf("%v, %v", lines, err)
	}
}

// The first error in the order of the items ends the measuring, without lines.
func TestRunErrors(t *testing.T) {
	bad, worse := errors.New("bad"), errors.New("worse")
	panics := Item{Name: "panics", Measure: func(context.Context, Effort) (Measurement, error) { panic("oh") }}
	for range 20 {
		lines, err := Ensembles{Items: []Item{counting("a"), failing("b", bad), failing("c", worse), counting("d")}, Workers: 4}.Run(t.Context())
		if lines != nil || !errors.Is(err, bad) || !strings.Contains(err.Error(), "theory: b: bad") {
			t.Fatalf("%v, %v", lines, err)
		}
	}
	if _, err := (Ensembles{Items: []Item{panics}}).Run(t.Context()); !errors.Is(err, lr.ErrFailed) || !strings.Contains(err.Error(), "panics: panic: oh") {
		t.Error(err)
	}
}

func TestRunCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var begun atomic.Int64
	slow := Item{Name: "slow", Measure: func(ctx context.Context, _ Effort) (Measurement, error) {
		if begun.Add(1) == 3 {
			cancel()
		}
		return NewMeasurement(1), ctx.Err()
	}}
	lines, err := Ensembles{Items: slices.Repeat([]Item{slow}, 10), Workers: 1}.Run(ctx)
	if lines != nil || !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "2 of 10 items") || begun.Load() != 3 {
		t.Errorf("%d begun, %v, %v", begun.Load(), lines, err)
	}
}

func TestSummary(t *testing.T) {
	nan := math.NaN()
	p, err := landscape.NewProportion(33, 33, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		m    Measurement
		want string
	}{
		{NewMeasurement(12), "12 instances"},
		{Measurement{Instances: 2000, Residual: 1.5e-15, Closest: nan}, "residual 1.5e-15 on 2,000 instances"},
		{Measurement{Instances: 10000, Residual: nan, Closest: 0.99987654}, "0 of 10,000 violated, closest ratio 0.99988"},
		{Measurement{Instances: 1234567, Residual: nan, Violations: 1000, Closest: nan}, "1,000 of 1,234,567 violated"},
		{Measurement{Instances: 33, Residual: nan, Closest: nan, Proportion: &p, Note: "a*b"}, "33 of 33 (95 % interval 0.894–1); a#b"},
		{Measurement{Residual: nan, Closest: nan, Constant: &Constant{Name: "c*", Value: 2, Low: 1, High: 3.14159}}, "empirical c#: 2 (1 to 3.14)"},
		{Measurement{Instances: 5, Residual: 1, Closest: 1, Violations: 2}, "residual 1.0e+00 on 5 instances; 2 of 5 violated, closest ratio 1"},
	} {
		if got := Summary(c.m, "; ", func(s string) string { return strings.ReplaceAll(s, "*", "#") }); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if got := Summary(Measurement{Residual: nan, Closest: nan, Note: "a*b"}, "; ", nil); got != "0 instances; a*b" {
		t.Error(got)
	}
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", -100: "-100"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is %s", n, got)
		}
	}
}

func TestConstantOf(t *testing.T) {
	c, err := landscape.FitConstant([]float64{1, 1, 1}, []float64{3, 1, 2})
	if got := constantOf("c", c); err != nil || *got != (Constant{"c", 2, 1, 3}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestFails(t *testing.T) {
	good, violated, wrong := NewMeasurement(3), NewMeasurement(3), NewMeasurement(3)
	good.Residual, good.Closest = 1e-12, 1
	violated.Violations, wrong.Residual = 1, 1e-6
	if NewMeasurement(0).Fails() || good.Fails() || !violated.Fails() || !wrong.Fails() {
		t.Error(good, violated, wrong)
	}
}
