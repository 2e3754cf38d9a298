package notebook

import (
	"fmt"
	"html"
	"strings"

	"github.com/alecthomas/chroma/v2"
	chtml "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/alecthomas/chroma/v2/styles"
)

// Names of the chroma styles of the two themes.
const lightStyle, darkStyle = "xcode", "github-dark"

// highlight renders source code with the classes of chroma. A language that
// chroma does not know is shown plainly.
func highlight(code, language string) string {
	code = strings.TrimRight(code, "\n")
	plain := `<pre class="chroma" tabindex="0"><code>` + html.EscapeString(code) + "</code></pre>\n"
	lexer := lexers.Get(language)
	if language == "" || lexer == nil {
		return plain
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, code)
	if err != nil {
		return plain
	}
	var b strings.Builder
	if err := chtml.New(chtml.WithClasses(true), chtml.TabWidth(4)).Format(&b, styles.Get(lightStyle), tokens); err != nil {
		return plain
	}
	return b.String() + "\n"
}

// highlightCSS is the style of highlighted code in both themes. Backgrounds
// are the page's own.
func highlightCSS() (string, error) {
	light, err := chromaCSS(lightStyle)
	if err != nil {
		return "", err
	}
	dark, err := chromaCSS(darkStyle)
	if err != nil {
		return "", err
	}
	return themed("light", "dark", light) + themed("dark", "light", dark), nil
}

// themed wraps rules of one theme: they hold when the system asks for it and
// the reader did not choose the other one, or when the reader chose it.
func themed(theme, other, rules string) string {
	return "@media (prefers-color-scheme: " + theme + ") { :root:not([data-theme=" + other + "]) {\n" + rules + "} }\n" +
		":root[data-theme=" + theme + "] {\n" + rules + "}\n"
}

func chromaCSS(name string) (string, error) {
	style := styles.Get(name)
	var b strings.Builder
	if err := chtml.New(chtml.WithClasses(true)).WriteCSS(&b, style); err != nil {
		return "", fmt.Errorf("notebook: style %s: %w", name, err)
	}
	var rules strings.Builder
	for _, line := range strings.SplitAfter(b.String(), "\n") {
		if _, rule, ok := strings.Cut(line, "*/ "); ok && strings.HasPrefix(rule, ".chroma .") {
			rules.WriteString(rule)
		}
	}
	return rules.String(), nil
}
