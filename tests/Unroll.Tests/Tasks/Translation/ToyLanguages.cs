using Unroll.Basics;
using Unroll.Tests.Support;
using Unroll.Text;

namespace Unroll.Tests.Tasks.Translation;

/// <summary>Pairs of sentences in two small languages of our own. The second one puts its adverb first and its verb second, so that words change places.</summary>
internal static class ToyLanguages
{
    private static readonly (string Source, string Target)[]
        s_articles = [("lo", "the"), ("mi", "a")], s_adjectives = [("karu", "red"), ("teno", "old"), ("piski", "small"), ("velo", "quick")],
        s_nouns = [("hunti", "dog"), ("katra", "cat"), ("omber", "man"), ("fulgo", "bird"), ("savi", "horse")], s_verbs = [("vidas", "sees"), ("ouras", "hears"), ("trovas", "finds")],
        s_adverbs = [("nun", "now"), ("ofte", "often"), ("hodie", "today")];

    /// <summary>So many pairs, drawn from a seed.</summary>
    public static (string[] Sources, string[] Targets) Pairs(int count, ulong seed)
    {
        (string[] sources, string[] targets) = (new string[count], new string[count]);
        for (int i = 0; i < count; i++)
        {
            var draws = new RandomStream(seed, "toy", i);
            long draw = 0;
            (string Source, string Target) One((string, string)[] words) => words[(int)(draws.Bits64(draw++) % (ulong)words.Length)];
            (string Source, string Target)[] Phrase() => draws.Bits64(draw++) % 2 == 0 ? [One(s_articles), One(s_nouns)] : [One(s_articles), One(s_adjectives), One(s_nouns)];
            (string Source, string Target)[] subject = Phrase(), thing = Phrase();
            (string Source, string Target) verb = One(s_verbs), adverb = One(s_adverbs);
            (string Source, string Target)[] read = [adverb, verb, .. subject, .. thing], written = [.. subject, verb, .. thing, adverb];
            sources[i] = string.Join(' ', read.Select(word => word.Source));
            targets[i] = string.Join(' ', written.Select(word => word.Target));
        }
        return (sources, targets);
    }

    /// <summary>Pairs as two files in a folder, NAME.a and NAME.b.</summary>
    public static (string Source, string Target) Write(TemporaryFolder folder, string name, int count, ulong seed)
    {
        (string[] sources, string[] targets) = Pairs(count, seed);
        return (folder.Write(name + ".a", string.Join('\n', sources) + "\n"), folder.Write(name + ".b", string.Join('\n', targets) + "\n"));
    }

    /// <summary>Pairs as they are read from files.</summary>
    public static ParallelText Read(TemporaryFolder folder, string name, int count, ulong seed)
    {
        (string source, string target) = Write(folder, name, count, seed);
        return ParallelText.FromFiles(source, target);
    }
}
