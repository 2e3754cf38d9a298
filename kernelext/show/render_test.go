package show

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"image"
	"math"
	"reflect"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

type htmlValue struct{ s string }

func (h htmlValue) HTML() string { return h.s }

type everyMethod struct{}

func (everyMethod) HTML() string                 { return "<b>h</b>" }
func (everyMethod) SVG() string                  { return "<svg/>" }
func (everyMethod) PNG() []byte                  { return []byte{1, 2, 3} }
func (everyMethod) JPEG() []byte                 { return []byte{4} }
func (everyMethod) PDF() []byte                  { return []byte{5} }
func (everyMethod) Latex() string                { return "$x$" }
func (everyMethod) Markdown() string             { return "*m*" }
func (everyMethod) JSON() map[string]interface{} { return map[string]interface{}{"k": 1.5} }
func (everyMethod) JavaScript() string           { return "1" }
func (everyMethod) String() string               { return "every method" }

type wrongShape struct{}

func (wrongShape) HTML() (string, error) { return "no", nil }
func (wrongShape) SVG(int) string        { return "no" }

type simple map[string]interface{}

func (s simple) SimpleRender() map[string]interface{} { return s }

type full struct{}

func (full) Render() struct {
	Data      map[string]interface{}
	Metadata  map[string]interface{}
	Transient map[string]interface{}
} {
	return bundle{
		Data:     map[string]interface{}{"image/png": []byte("png"), "text/plain": "full"},
		Metadata: map[string]interface{}{"image/png": map[string]interface{}{"width": 3}},
	}
}

type panicking struct{}

func (panicking) HTML() string   { panic("boom") }
func (panicking) SVG() string    { return "<svg/>" }
func (panicking) String() string { return "calm" }

type loudText struct{}

func (loudText) String() string { panic(errors.New("no text")) }

func TestRenderMethods(t *testing.T) {
	got := Render(everyMethod{}).MIME
	want := map[string]any{
		"text/html": "<b>h</b>", "image/svg+xml": "<svg/>", "image/png": base64.StdEncoding.EncodeToString([]byte{1, 2, 3}),
		"image/jpeg": "BA==", "application/pdf": "BQ==", "text/latex": "$x$", "text/markdown": "*m*",
		"application/json": map[string]interface{}{"k": 1.5}, "application/javascript": "1", "text/plain": "every method",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if d := Render(wrongShape{}); len(d.MIME) != 1 {
		t.Errorf("methods of another shape were called: %v", d.MIME)
	}
}

func TestRenderFull(t *testing.T) {
	d := Render(full{})
	want := map[string]any{"image/png": "cG5n", "text/plain": "full"}
	if !reflect.DeepEqual(d.MIME, want) {
		t.Errorf("MIME %v, want %v", d.MIME, want)
	}
	if d.Metadata["image/png"] == nil {
		t.Error("metadata was lost")
	}
}

// TestRenderText checks text/plain alone, which every value must have.
func TestRenderText(t *testing.T) {
	long := make([]int, 5000)
	for _, c := range []struct {
		name string
		v    any
		want string
	}{
		{"nil", nil, "<nil>"},
		{"int", 42, "42"},
		{"string", "a\nb", "a\nb"},
		{"error", errors.New("it broke"), "it broke"},
		{"stringer", everyMethod{}, "every method"},
		{"slice", []float64{1, 2.5}, "[1 2.5]"},
		{"slice of errors", []error{errors.New("a"), nil}, "[a <nil>]"},
		{"long slice", long, "[" + strings.Repeat("0 ", 99) + "0 … 5000 elements]"},
		{"struct", struct{ A int }{3}, "{3}"},
		{"nil pointer with methods", (*everyMethod)(nil), ""},
		{"markdown is its own text", simple{"text/markdown": "*m*"}, "*m*"},
		{"html without text", htmlValue{"<p>"}, "show.htmlValue"},
		{"image", image.NewGray(image.Rect(0, 0, 4, 3)), "image, 4×3 pixels"},
		{"data", Data{MIME: map[string]any{"text/plain": "d"}}, "d"},
		{"data pointer", &Data{MIME: map[string]any{"text/plain": "d"}}, "d"},
		{"multi-line list", simple{"text/plain": []string{"a\n", "b"}}, "a\nb"},
	} {
		got, ok := Render(c.v).MIME["text/plain"].(string)
		if !ok {
			t.Errorf("%s: no text/plain", c.name)
		}
		if c.want != "" && got != c.want {
			t.Errorf("%s: text %q, want %q", c.name, got, c.want)
		}
	}
}

func TestRenderPanics(t *testing.T) {
	d := Render(panicking{})
	text := d.MIME["text/plain"].(string)
	if !strings.Contains(text, "show: HTML of show.panicking panicked: boom") {
		t.Errorf("text %q does not report the panic", text)
	}
	if d.MIME["image/svg+xml"] != "<svg/>" {
		t.Error("a panic in one method took the content of another")
	}
	if text := Render(loudText{}).MIME["text/plain"].(string); !strings.Contains(text, "no text") {
		t.Errorf("text %q does not report the panic in String", text)
	}
	if text := Render((*everyMethod)(nil)).MIME["text/plain"].(string); !strings.Contains(text, "panicked") {
		t.Errorf("text %q does not report the nil receiver", text)
	}
}

// TestRenderEncodes: whatever a user's method returns, the result is a bundle
// that a kernel can send.
func TestRenderEncodes(t *testing.T) {
	for _, c := range []struct {
		content simple
		says    string // in text/plain
	}{
		{simple{"application/json": math.NaN()}, "application/json does not encode"},
		{simple{"application/vnd.x+json": func() {}}, "application/vnd.x+json does not encode"},
		{simple{"text/html": 3}, "text/html is a int; a string or []byte is accepted"},
		{simple{"text/html": []byte("<b>")}, ""},
		{simple{"application/json": []byte(`{"a":1}`)}, ""},
		{simple{"application/json": []byte(`{"a":`)}, "does not encode"},
	} {
		d := Render(c.content)
		if _, err := json.Marshal(d); err != nil {
			t.Errorf("%v: %v", c.content, err)
		}
		if text := d.MIME["text/plain"].(string); !strings.Contains(text, c.says) {
			t.Errorf("%v: text %q does not say %q", c.content, text, c.says)
		}
	}
	d := Render(Data{Metadata: map[string]any{"x": math.Inf(1)}})
	if d.Metadata != nil || !strings.Contains(d.MIME["text/plain"].(string), "metadata does not encode") {
		t.Errorf("bad metadata passed: %v", d)
	}
}

func TestRenderMatrix(t *testing.T) {
	m := mat.NewDense(30, 20, nil)
	m.Set(0, 0, 1.25)
	m.Set(29, 19, -3e-9)
	m.Set(15, 10, 777) // in the part left out
	d := Render(m)
	text, html := d.MIME["text/plain"].(string), d.MIME["text/html"].(string)
	for _, want := range []string{"*mat.Dense, 30×20", "1.25", "-3e-9", "…"} {
		if !strings.Contains(text, want) {
			t.Errorf("text lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "777") {
		t.Errorf("text shows the middle of a large matrix:\n%s", text)
	}
	if !strings.Contains(html, "−3×10<sup>−9</sup>") || strings.Count(html, "<tr>") != 1+matrixRows+1 {
		t.Errorf("unexpected HTML:\n%s", html)
	}
	if got := Render(mat.NewVecDense(2, []float64{1, 2})).MIME["text/plain"].(string); !strings.Contains(got, "2×1") {
		t.Errorf("vector: %q", got)
	}
	if got := Render(&mat.Dense{}).MIME["text/plain"]; got != "*mat.Dense, empty" {
		t.Errorf("empty matrix: %q", got)
	}
}

func TestEnds(t *testing.T) {
	for _, c := range []struct {
		n, k int
		want []int
	}{
		{0, 4, nil}, {3, 4, []int{0, 1, 2}}, {4, 4, []int{0, 1, 2, 3}}, {9, 4, []int{0, 1, -1, 7, 8}},
	} {
		if got := ends(c.n, c.k); !reflect.DeepEqual(got, c.want) {
			t.Errorf("ends(%d, %d) = %v, want %v", c.n, c.k, got, c.want)
		}
	}
}
