package show

import (
	"encoding/xml"
	"errors"
	"math"
	"strings"
	"testing"
)

func TestTableText(t *testing.T) {
	got := Table{
		Caption: "Runs",
		Header:  []string{"μ", "method", "SqErr"},
		Rows: [][]any{
			{0.1, "gd", 3.14159e-21},
			{0, "longer name", math.NaN()},
			{1e-4, nil, 12.5},
			{2},
		},
	}.String()
	lines := strings.Split(got, "\n")
	if len(lines) != 8 {
		t.Fatalf("%d lines:\n%s", len(lines), got)
	}
	for i, want := range []string{
		"Runs",
		"",
		"     μ  method           SqErr",
		"──────  ───────────  ─────────",
		"   0.1  gd           3.142e-21",
		"     0  longer name        NaN",
		"0.0001                    12.5",
		"     2",
	} {
		if lines[i] != want {
			t.Errorf("line %d: %q, want %q", i, lines[i], want)
		}
	}
}

func TestTableHTML(t *testing.T) {
	got := Table{
		Caption: "a < b",
		Header:  []string{"x & y", "n"},
		Rows:    [][]any{{"<script>alert(1)</script>", 1e-9}, {errors.New("two\nlines"), 3}},
	}.HTML()
	var any struct{}
	if err := xml.Unmarshal([]byte(strings.ReplaceAll(got, "<br>", "<br/>")), &any); err != nil {
		t.Errorf("not well formed: %v\n%s", err, got)
	}
	for _, want := range []string{
		"<caption", "a &lt; b</caption>", `<th scope="col"`, "x &amp; y</th>", "&lt;script&gt;",
		"10<sup>−9</sup>", "two<br>lines", "text-align:right",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "<script>") {
		t.Error("a cell's text became HTML")
	}
}

func TestTableEmpty(t *testing.T) {
	var table Table
	if table.Err() == nil {
		t.Fatal("an empty table is no error")
	}
	d := Render(table)
	if !strings.Contains(d.MIME["text/plain"].(string), "needs a Header or Rows") ||
		!strings.Contains(d.MIME["text/html"].(string), "Error:") {
		t.Errorf("the error does not show: %v", d.MIME)
	}
	if (Table{Header: []string{"a"}}).Err() != nil {
		t.Error("a table of a header alone is right")
	}
}

func TestFormatNumber(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want string
	}{
		{0, "0"}, {math.Copysign(0, -1), "0"}, {1, "1"}, {-2.5, "-2.5"}, {math.Pi, "3.142"}, {1234567, "1234567"},
		{1e7, "1e7"}, {0.0001, "0.0001"}, {0.00009999, "9.999e-5"}, {3e-21, "3e-21"}, {-1.23456e100, "-1.235e100"},
		{math.Inf(1), "+Inf"}, {math.Inf(-1), "-Inf"}, {math.NaN(), "NaN"}, {99.999, "100"}, {0.5, "0.5"}, {1200, "1200"},
	} {
		if got := formatNumber(c.v, 4); got != c.want {
			t.Errorf("formatNumber(%v) = %q, want %q", c.v, got, c.want)
		}
	}
}

func TestNumberHTML(t *testing.T) {
	for in, want := range map[string]string{
		"1e-20": "10<sup>−20</sup>", "-1e9": "−10<sup>9</sup>", "3.1e-4": "3.1×10<sup>−4</sup>", "-2": "−2", "NaN": "NaN",
	} {
		if got := numberHTML(in); got != want {
			t.Errorf("numberHTML(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTextWidth(t *testing.T) {
	if got := textWidth("g\u0303 of ‖x‖"); got != 8 {
		t.Errorf("textWidth counts %d, want 8", got)
	}
}
