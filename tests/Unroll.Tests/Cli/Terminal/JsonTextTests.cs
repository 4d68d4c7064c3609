using System.Text.Json.Nodes;
using Unroll.Cli.Terminal;

namespace Unroll.Tests.Cli.Terminal;

public class JsonTextTests
{
    [Fact]
    public void Fields_stand_on_lines_of_their_own_and_plain_lists_on_one() => Assert.Equal("""

          a: 1.5
          b: [x, 2, none]
          c:
            -
              d: true
            - [3, 4]
          e: {}
          f: []
          g: none
        """.ReplaceLineEndings("\n"), JsonText.Of(JsonNode.Parse("""{"a": 1.5, "b": ["x", 2, null], "c": [{"d": true}, [3, 4]], "e": {}, "f": [], "g": null}"""), 0));
}
