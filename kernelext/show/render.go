package show

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"reflect"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// MIME types that the values of this package use.
const (
	TextMIME   = "text/plain"
	HTMLMIME   = "text/html"
	SVGMIME    = "image/svg+xml"
	PNGMIME    = "image/png"
	ClaimsMIME = "application/vnd.lowrankgo.claims+json"
)

// methods are the methods that give the content of one MIME type; call returns
// nil for a value without it. Names and shapes are those of gophernotes, and a
// method of another shape is never called.
var methods = []struct {
	name, mime string
	call       func(v any) any
}{
	{"HTML", HTMLMIME, func(v any) any {
		if r, ok := v.(interface{ HTML() string }); ok {
			return r.HTML()
		}
		return nil
	}},
	{"SVG", SVGMIME, func(v any) any {
		if r, ok := v.(interface{ SVG() string }); ok {
			return r.SVG()
		}
		return nil
	}},
	{"PNG", PNGMIME, func(v any) any {
		if r, ok := v.(interface{ PNG() []byte }); ok {
			return r.PNG()
		}
		return nil
	}},
	{"JPEG", "image/jpeg", func(v any) any {
		if r, ok := v.(interface{ JPEG() []byte }); ok {
			return r.JPEG()
		}
		return nil
	}},
	{"PDF", "application/pdf", func(v any) any {
		if r, ok := v.(interface{ PDF() []byte }); ok {
			return r.PDF()
		}
		return nil
	}},
	{"Latex", "text/latex", func(v any) any {
		if r, ok := v.(interface{ Latex() string }); ok {
			return r.Latex()
		}
		return nil
	}},
	{"Markdown", "text/markdown", func(v any) any {
		if r, ok := v.(interface{ Markdown() string }); ok {
			return r.Markdown()
		}
		return nil
	}},
	{"JSON", "application/json", func(v any) any {
		if r, ok := v.(interface{ JSON() map[string]interface{} }); ok {
			return r.JSON()
		}
		return nil
	}},
	{"JavaScript", "application/javascript", func(v any) any {
		if r, ok := v.(interface{ JavaScript() string }); ok {
			return r.JavaScript()
		}
		return nil
	}},
}

// bundle is what a Render method returns: the Data type of gophernotes, by
// its structure.
type bundle = struct {
	Data      map[string]interface{}
	Metadata  map[string]interface{}
	Transient map[string]interface{}
}

// Render returns how v shows in a notebook.
//
// It collects the content of every method that v has among
//
//	Render() struct{ Data, Metadata, Transient map[string]interface{} }
//	SimpleRender() map[string]interface{}
//	HTML() string        SVG() string      PNG() []byte    JPEG() []byte
//	Latex() string       PDF() []byte      JSON() map[string]interface{}
//	Markdown() string    JavaScript() string
//
// and knows an [image.Image], a [mat.Matrix] (a table of its first and last
// rows and columns), a [plot.Plot] and a *lowrankgo.Trace (its curves). Another value shows
// as text: an error by its message, a [fmt.Stringer] by its String, anything
// else as [fmt.Sprint] prints it; of a slice longer than 1000 elements the
// first 100 are printed.
//
// The result always has text/plain, its binary types are base64 text, and it
// encodes as JSON. A method of v that panics shows as an error text.
func Render(v any) Data {
	switch v := v.(type) {
	case Data:
		return finish(v, nil)
	case *Data:
		if v != nil {
			return finish(*v, nil)
		}
	}
	var d Data
	var failed []string
	guard := func(what string, f func()) {
		defer func() {
			if r := recover(); r != nil {
				failed = append(failed, fmt.Sprintf("show: %s of %T panicked: %v", what, v, r))
			}
		}()
		f()
	}
	guard("Render", func() {
		if r, ok := v.(interface{ Render() bundle }); ok {
			b := r.Render()
			d.add(b.Data, b.Metadata)
		}
	})
	guard("SimpleRender", func() {
		if r, ok := v.(interface{ SimpleRender() map[string]interface{} }); ok {
			d.add(r.SimpleRender(), nil)
		}
	})
	for _, m := range methods {
		guard(m.name, func() { d.add(map[string]any{m.mime: m.call(v)}, nil) })
	}
	if len(d.MIME) == 0 && len(failed) == 0 {
		guard("known type", func() { d = renderKnown(v) })
	}
	if len(failed) == 0 && d.MIME[TextMIME] == nil {
		guard("text", func() { d.add(map[string]any{TextMIME: plainText(v, d)}, nil) })
	}
	return finish(d, failed)
}

// Display shows v in the output of the running cell, at once and after
// everything printed before. Where no notebook runs it prints v's text to the
// standard output.
func Display(v any) {
	d := Render(v)
	if h := host(); h != nil {
		h.Display(d)
		return
	}
	fmt.Println(d.MIME[TextMIME])
}

// add merges content and metadata into d; what is there already stays.
func (d *Data) add(content, metadata map[string]any) {
	d.MIME = merge(d.MIME, content)
	d.Metadata = merge(d.Metadata, metadata)
}

func merge(to, from map[string]any) map[string]any {
	if to == nil && len(from) > 0 {
		to = make(map[string]any, len(from))
	}
	for k, v := range from {
		if _, there := to[k]; !there && v != nil {
			to[k] = v
		}
	}
	return to
}

// renderKnown renders the types of other packages that have a picture.
func renderKnown(v any) Data {
	switch v := v.(type) {
	case *lr.Trace:
		if v != nil && len(v.Rows) > 0 {
			return traceContent(v)
		}
	case *plot.Plot:
		if v != nil {
			b := Plots(v).Render()
			return Data{MIME: b.Data, Metadata: b.Metadata}
		}
	case image.Image:
		return renderImage(v)
	case mat.Matrix:
		return renderMatrix(v)
	}
	return Data{}
}

func renderImage(img image.Image) Data {
	var b bytes.Buffer
	size := img.Bounds().Size()
	text := fmt.Sprintf("image, %d×%d pixels", size.X, size.Y)
	if err := png.Encode(&b, img); err != nil {
		return Data{MIME: map[string]any{TextMIME: fmt.Sprintf("show: %s: %v", text, err)}}
	}
	return Data{
		MIME:     map[string]any{PNGMIME: b.Bytes(), TextMIME: text},
		Metadata: map[string]any{PNGMIME: map[string]any{"width": size.X, "height": size.Y}},
	}
}

const (
	longSlice  = 1000 // longer slices are abbreviated
	shownOfOne = 100  // to this many elements
)

// plainText is the text of a value; d holds its richer content if it has any.
func plainText(v any, d Data) string {
	switch s := v.(type) {
	case error:
		return s.Error()
	case fmt.Stringer:
		return s.String()
	}
	for _, source := range []string{"text/markdown", "text/latex"} {
		if s, ok := d.MIME[source].(string); ok {
			return s
		}
	}
	if len(d.MIME) > 0 {
		return fmt.Sprintf("%T", v) // its content as Go values is for nobody
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Slice && r.Len() > longSlice {
		head := fmt.Sprint(r.Slice(0, shownOfOne).Interface())
		return fmt.Sprintf("%s … %d elements]", strings.TrimSuffix(head, "]"), r.Len())
	}
	return fmt.Sprint(v)
}

// finish gives d the promises of Render: text, base64, JSON.
func finish(d Data, failed []string) Data {
	out := Data{MIME: make(map[string]any, len(d.MIME)+1)}
	for mime, content := range d.MIME {
		c, err := encodable(mime, content)
		if err != nil {
			failed = append(failed, err.Error())
			continue
		}
		out.MIME[mime] = c
	}
	if _, err := json.Marshal(d.Metadata); err != nil {
		failed = append(failed, fmt.Sprintf("show: metadata does not encode: %v", err))
	} else {
		out.Metadata = d.Metadata
	}
	text, _ := out.MIME[TextMIME].(string)
	if len(failed) > 0 {
		text = strings.TrimPrefix(text+"\n"+strings.Join(failed, "\n"), "\n")
	}
	out.MIME[TextMIME] = text
	return out
}

// encodable returns content as a MIME bundle carries it: JSON values for JSON
// types, text or base64 text for the others.
func encodable(mime string, content any) (any, error) {
	if strings.HasSuffix(mime, "json") {
		if b, ok := content.([]byte); ok {
			content = json.RawMessage(b)
		}
		if _, err := json.Marshal(content); err != nil {
			return nil, fmt.Errorf("show: content of %s does not encode: %w", mime, err)
		}
		return content, nil
	}
	switch c := content.(type) {
	case string:
		return c, nil
	case []string:
		return strings.Join(c, ""), nil
	case []byte:
		if isText(mime) {
			return string(c), nil
		}
		return base64.StdEncoding.EncodeToString(c), nil
	case error:
		return c.Error(), nil
	case fmt.Stringer:
		return c.String(), nil
	}
	return nil, fmt.Errorf("show: content of %s is a %T; a string or []byte is accepted", mime, content)
}

func isText(mime string) bool {
	return strings.HasPrefix(mime, "text/") || mime == SVGMIME || mime == "application/javascript" ||
		strings.HasSuffix(mime, "+xml") || strings.HasSuffix(mime, "/xml")
}
