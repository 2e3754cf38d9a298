package show

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

const (
	matrixRows = 10 // of a larger matrix this many rows show, half from each end
	matrixCols = 8
)

// renderMatrix shows the corners of m as a table under its shape.
func renderMatrix(m mat.Matrix) Data {
	if s, ok := m.(fmt.Stringer); ok { // a type that knows better, such as factors
		return Data{MIME: map[string]any{TextMIME: s.String()}}
	}
	rows, cols := m.Dims()
	if rows == 0 || cols == 0 {
		return Data{MIME: map[string]any{TextMIME: fmt.Sprintf("%T, empty", m)}}
	}
	rs, cs := ends(rows, matrixRows), ends(cols, matrixCols)
	t := Table{Caption: fmt.Sprintf("%T, %d×%d", m, rows, cols), Header: []string{""}}
	for _, c := range cs {
		t.Header = append(t.Header, indexText(c))
	}
	for _, r := range rs {
		line := []any{indexText(r)}
		for _, c := range cs {
			if r < 0 || c < 0 {
				line = append(line, nil)
				continue
			}
			line = append(line, m.At(r, c))
		}
		t.Rows = append(t.Rows, line)
	}
	return Data{MIME: t.SimpleRender()}
}

func indexText(i int) string {
	if i < 0 {
		return "…"
	}
	return fmt.Sprint(i)
}

// ends lists 0…n−1, or of a larger n the first and last k/2 with −1 between.
func ends(n, k int) []int {
	var out []int
	for i := 0; i < n; i++ {
		if n > k && i == k/2 {
			out, i = append(out, -1), n-k/2
		}
		out = append(out, i)
	}
	return out
}
