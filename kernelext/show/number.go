package show

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// formatNumber writes v with at most digits significant digits: plainly
// between 1e-4 and 1e7, else with an exponent, as 3.1e-21. Trailing zeros go.
func formatNumber(v float64, digits int) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "+Inf"
	case math.IsInf(v, -1):
		return "-Inf"
	case v == 0:
		return "0"
	}
	if a := math.Abs(v); a >= 1e-4 && a < 1e7 {
		decimals := max(digits-1-int(math.Floor(math.Log10(a))), 0)
		s := strconv.FormatFloat(v, 'f', decimals, 64)
		if strings.Contains(s, ".") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
		return s
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', digits-1, 64), "e")
	if strings.Contains(mantissa, ".") {
		mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	}
	e, _ := strconv.Atoi(exponent)
	return fmt.Sprintf("%se%d", mantissa, e)
}

// cellDigits is the number of significant digits in tables.
const cellDigits = 4

// cellText returns the text of one table cell and whether it is a number.
func cellText(v any) (text string, numeric bool) {
	switch x := v.(type) {
	case nil:
		return "", false
	case float64:
		return formatNumber(x, cellDigits), true
	case float32:
		return formatNumber(float64(x), cellDigits), true
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return fmt.Sprint(x), true
	case error:
		return x.Error(), false
	}
	return fmt.Sprint(v), false
}

// numberHTML writes a number from formatNumber for HTML: a true minus sign and
// 3.1×10⁻²¹ as a power.
func numberHTML(s string) string {
	mantissa, exponent, power := strings.Cut(s, "e")
	out := strings.Replace(html.EscapeString(mantissa), "-", "−", 1)
	if !power {
		return out
	}
	if out == "1" || out == "−1" {
		out = strings.TrimSuffix(out, "1")
	} else {
		out += "×"
	}
	return out + "10<sup>" + strings.Replace(html.EscapeString(exponent), "-", "−", 1) + "</sup>"
}

// textWidth counts the columns that s takes on a terminal: combining marks
// take none.
func textWidth(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.Is(unicode.Mn, r) {
			n++
		}
	}
	return n
}
