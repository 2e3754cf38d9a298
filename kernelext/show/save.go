package show

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgpdf"
)

// Save writes the figure to a file for print: PDF, SVG or PNG (600 dots per
// inch) by the path's extension. It is 3.4 in wide, a column, or 7 in, a page,
// when it has several panels side by side or Wide is set; its text keeps its size.
//
// The file appears complete or not at all. Errors name the path.
func (f *Figure) Save(path string) error {
	if err := f.Err(); err != nil {
		return err
	}
	w := oneColumn
	if f.Wide || len(f.Plots) > 1 && !f.stacked {
		w = fullPage
	}
	var content []byte
	var err error
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".pdf":
		content, err = f.pdf(w)
	case ".svg":
		var svg string
		svg, err = f.svg(w)
		content = []byte(svg)
	case ".png":
		content, _, err = f.png(w, 600)
	default:
		return fmt.Errorf("show: saving %s: the extension is %q; .pdf, .svg and .png are accepted", path, ext)
	}
	if err != nil {
		return fmt.Errorf("show: saving %s: %w", path, err)
	}
	if err := writeFile(path, content); err != nil {
		return fmt.Errorf("show: saving %s: %w", path, err)
	}
	return nil
}

// writeFile writes to a temporary name beside path and renames it.
func writeFile(path string, content []byte) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(tmp.Name())
		}
	}()
	_, err = tmp.Write(content)
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Chmod(tmp.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	return err
}

// pdf draws the figure at a width as a PDF document.
func (f *Figure) pdf(w vg.Length) ([]byte, error) {
	var out []byte
	err := f.draw(w, func(w, h vg.Length) draw.Canvas {
		return draw.New(outlines{vgpdf.New(w, h)})
	}, func(c draw.Canvas) error {
		var b bytes.Buffer
		_, err := c.Canvas.(outlines).WriteTo(&b)
		out = b.Bytes()
		return err
	})
	return out, err
}

// outlines is a PDF canvas without two faults of vgpdf: letters outside of
// ASCII come out as others, so they are drawn by their shapes; images come out
// upside down, so they are turned.
type outlines struct{ *vgpdf.Canvas }

// DrawImage implements vg.Canvas.
func (o outlines) DrawImage(r vg.Rectangle, img image.Image) {
	o.Canvas.DrawImage(r, upsideDown{img})
}

// upsideDown is an image with its last row first.
type upsideDown struct{ image.Image }

// At implements image.Image.
func (u upsideDown) At(x, y int) color.Color {
	b := u.Bounds()
	return u.Image.At(x, b.Min.Y+b.Max.Y-1-y)
}

// FillString implements vg.Canvas.
func (o outlines) FillString(face font.Face, at vg.Point, s string) {
	for _, r := range s {
		if r > 0x7e {
			o.Fill(glyphPath(face, at, s))
			return
		}
	}
	o.Canvas.FillString(face, at, s)
}

// Kinds of segments of a glyph, in the order in which package sfnt has them.
const (
	moveTo = iota
	lineTo
	quadTo
	cubeTo
)

// glyphPath is the outline of a line of text.
func glyphPath(face font.Face, at vg.Point, s string) vg.Path {
	var path vg.Path
	for _, r := range s {
		index, err := face.Face.GlyphIndex(nil, r)
		if err != nil {
			panic(err)
		}
		segments, err := face.Face.LoadGlyph(nil, index, 64*32, nil)
		if err != nil {
			panic(err)
		}
		// Glyphs are loaded at 32 units of 1/64 for the em, y downward.
		unit := face.Font.Size / (64 * 32)
		for _, seg := range segments {
			var p [3]vg.Point
			for i, a := range seg.Args {
				p[i] = vg.Point{X: at.X + vg.Length(a.X)*unit, Y: at.Y - vg.Length(a.Y)*unit}
			}
			switch seg.Op {
			case moveTo:
				path.Move(p[0])
			case lineTo:
				path.Line(p[0])
			case quadTo:
				path.QuadTo(p[0], p[1])
			case cubeTo:
				path.CubeTo(p[0], p[1], p[2])
			}
		}
		advance, err := face.Face.GlyphAdvance(nil, index, 64*32, 0)
		if err != nil {
			panic(err)
		}
		at.X += vg.Length(advance) * unit
	}
	return path
}
