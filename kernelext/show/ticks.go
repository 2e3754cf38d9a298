package show

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// linearTicks marks multiples of 1, 2 or 5 times a power of ten, four to
// eight of them.
type linearTicks struct{}

// Ticks implements plot.Ticker.
func (linearTicks) Ticks(lo, hi float64) []plot.Tick {
	step := niceStep(hi - lo)
	if step == 0 {
		return []plot.Tick{{Value: lo, Label: tickLabel(lo, lo)}}
	}
	var ticks []plot.Tick
	for k := math.Ceil(lo/step - 1e-9); k*step <= hi+1e-9*step; k++ {
		ticks = append(ticks, plot.Tick{Value: k * step, Label: tickLabel(k*step, step)})
	}
	return ticks
}

// niceStep is the distance of ticks over a range, 0 when there is no range.
func niceStep(span float64) float64 {
	if !(span > 0) || math.IsInf(span, 0) {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(span/4)))
	for _, m := range []float64{5, 2} {
		if span/(m*unit) >= 4 {
			return m * unit
		}
	}
	return unit
}

// tickLabel writes v to the precision of step.
func tickLabel(v, step float64) string {
	if math.Abs(v) < 1e-9*math.Abs(step) {
		return "0"
	}
	if a := math.Max(math.Abs(v), math.Abs(step)); a >= 1e6 || math.Abs(step) < 1e-4 {
		return powerLabel(v)
	}
	decimals := 0
	if step != 0 {
		decimals = max(int(-math.Floor(math.Log10(math.Abs(step))+1e-9)), 0)
	}
	return minus(strconv.FormatFloat(v, 'f', decimals, 64))
}

// minus writes a true minus sign for the first hyphen.
func minus(s string) string { return strings.Replace(s, "-", "−", 1) }

// powerLabel writes v as 3×10⁻²¹ with up to three digits.
func powerLabel(v float64) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', 2, 64), "e")
	mantissa = minus(strings.TrimRight(strings.TrimRight(mantissa, "0"), "."))
	e, _ := strconv.Atoi(exponent)
	switch mantissa {
	case "1":
		return "10" + raise(e)
	case "−1":
		return "−10" + raise(e)
	}
	return mantissa + "×10" + raise(e)
}

// raise writes n in superscripts.
func raise(n int) string {
	const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹"
	var b strings.Builder
	for _, r := range fmt.Sprint(n) {
		if r == '-' {
			b.WriteRune('⁻')
			continue
		}
		b.WriteRune([]rune(digits)[r-'0'])
	}
	return b.String()
}

// logTicks marks powers of ten: every one when they are few, else every
// second, fifth, tenth, … with a mark without label at the others. Over less than
// two decades it marks 2 and 5 too.
type logTicks struct{}

// Ticks implements plot.Ticker.
func (logTicks) Ticks(lo, hi float64) []plot.Tick {
	if !(lo > 0) || !(hi > lo) || math.IsInf(hi, 0) {
		return nil
	}
	a, b := math.Log10(lo), math.Log10(hi)
	step := 1
	for _, s := range []int{1, 2, 4, 5, 10, 20, 50, 100} {
		if step = s; (b-a)/float64(s) <= 6.5 {
			break
		}
	}
	var ticks []plot.Tick
	for e := int(math.Floor(a)); e <= int(math.Ceil(b)); e++ {
		label := ""
		if e%step == 0 {
			label = "10" + raise(e)
		}
		for m := 1.0; m < 10; m++ {
			v := m * math.Pow(10, float64(e))
			if m > 1 {
				label = ""
				if b-a < 2 && (m == 2 || m == 5 || b-a < 0.5) {
					label = powerLabel(v)
				}
			}
			if m > 1 && b-a > 4 || v < lo*(1-1e-9) || v > hi*(1+1e-9) {
				continue
			}
			ticks = append(ticks, plot.Tick{Value: v, Label: label})
		}
	}
	return ticks
}
