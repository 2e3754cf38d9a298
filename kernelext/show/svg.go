package show

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// svg draws the figure at a width as an SVG document.
func (f *Figure) svg(w vg.Length) (string, error) {
	var out string
	err := f.draw(w, func(w, h vg.Length) draw.Canvas { return draw.New(vgsvg.New(w, h)) },
		func(c draw.Canvas) error {
			var b bytes.Buffer
			if _, err := c.Canvas.(*vgsvg.Canvas).WriteTo(&b); err != nil {
				return err
			}
			out = f.tidySVG(b.String(), c.Max)
			return nil
		})
	return out, err
}

// fontFamily is what a browser draws the text with: fonts with the same widths
// as Liberation Sans come first, so that the layout holds.
const fontFamily = `Liberation Sans,Arimo,Arial,Helvetica,sans-serif`

// tidySVG gives a document of vgsvg a head that scales with the page and says
// in words what is drawn, and leaves out what is said again at each element.
func (f *Figure) tidySVG(doc string, size vg.Point) string {
	_, body, _ := strings.Cut(doc, "<svg")
	_, body, _ = strings.Cut(body, ">\n")
	body = strings.NewReplacer(
		"\n\tstyle=", " style=",
		"font-family:Liberation Sans;font-variant:normal;font-weight:normal;font-style:normal;", "",
		"data:image/jpg;", "data:image/png;",
		"<image ", `<image preserveAspectRatio="none" `,
	).Replace(body)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" `+
		`width="%d" height="%d" viewBox="0 0 %.5g %.5g" font-family="%s" style="max-width:100%%;height:auto;background:#fff">`+"\n",
		pixels(size.X), pixels(size.Y), size.X.Points(), size.Y.Points(), fontFamily)
	alt := f.Alt
	if alt == "" {
		alt = f.String()
	}
	title, rest, _ := strings.Cut(f.String(), "\n")
	fmt.Fprintf(&b, "<title>%s</title>\n", html.EscapeString(title))
	if f.Alt != "" || rest != "" {
		fmt.Fprintf(&b, "<desc>%s</desc>\n", html.EscapeString(alt))
	}
	b.WriteString(body)
	return b.String()
}
