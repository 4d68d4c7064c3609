using System.Text.Json.Nodes;
using Unroll.Tasks;

namespace Unroll.Cli.Comparison;

/// <summary>What a comparison is made on, as a verb read it.</summary>
/// <param name="Path">The file, for headings and the run folder's name.</param>
/// <param name="Task">The examples.</param>
/// <param name="Notes">How they were understood, a sentence each.</param>
/// <param name="Configuration">What decides them, as JSON.</param>
internal sealed record ComparisonData(string Path, ComparisonTask Task, IReadOnlyList<string> Notes, JsonObject Configuration);
