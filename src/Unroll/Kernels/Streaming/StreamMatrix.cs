using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Unroll.Kernels.Layouts;

namespace Unroll.Kernels.Streaming;

/// <summary>
/// A weight matrix [K, columns] as one step reads it: groups of 16 columns in the order in which they are multiplied, each
/// group one run of K rows in memory, and for each group the place of its sums.
/// </summary>
internal sealed unsafe class StreamMatrix
{
    /// <summary>Parts of a divided product have multiples of this many groups: as many as the widest vectors take at a time.</summary>
    public const int GroupsOfPart = 8;

    private const int Size = PanelLayout.GroupSize;

    // Pinned: the kernels read them through pointers, without a check at every group.
    private readonly int[] _sources, _targets;

    /// <summary>The groups of a matrix in panels.</summary>
    /// <param name="layout">How the matrix lies.</param>
    /// <param name="storedGroups">Groups that the sums' buffer keeps for a panel.</param>
    /// <param name="firstGroup">The group of the buffer where a panel's first group goes.</param>
    /// <param name="laterGroups">How many of a panel's last groups are multiplied in a second round, after all others.</param>
    public StreamMatrix(PanelLayout layout, int storedGroups, int firstGroup = 0, int laterGroups = 0)
    {
        Rows = layout.Rows;
        int perPanel = layout.GroupsPerPanel, groups = layout.StorageLength / layout.GroupStride, blocks = layout.PaddedUnits / Size;
        bool isWide = layout.Gates == 1;
        // A spare place, which nobody reads, makes the groups even in number: they can then be stored in pairs.
        Places = groups + groups % 2;
        _sources = GC.AllocateArray<int>(Places, pinned: true);
        _targets = GC.AllocateArray<int>(Places, pinned: true);
        Sources = (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_sources));
        Targets = (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_targets));
        (Count, FirstLater) = (groups, blocks * (layout.Gates - laterGroups));
        Targets[Places - 1] = storedGroups * blocks * Size;
        for (int stored = 0; stored < groups; stored++)
        {
            int panel = stored / perPanel, group = stored % perPanel, now = perPanel - laterGroups;
            int at = isWide ? stored : group < now ? panel * now + group : FirstLater + panel * laterGroups + group - now;
            Sources[at] = stored * layout.GroupStride;
            Targets[at] = isWide ? stored * Size : (panel * storedGroups + firstGroup + group) * Size;
        }
    }

    /// <summary>K.</summary>
    public int Rows { get; }

    /// <summary>How many groups there are.</summary>
    public int Count { get; }

    /// <summary>The first group of the second round.</summary>
    public int FirstLater { get; }

    /// <summary>Groups, with a spare one where they are odd in number.</summary>
    public int Places { get; }

    /// <summary>For each place, where its group begins in a parameter's storage.</summary>
    public int* Sources { get; }

    /// <summary>For each place, where its group's sums stand.</summary>
    public int* Targets { get; }

    /// <summary>The numbers, as the product that reads them wants them: a parameter's own storage, or a copy in fewer bits.</summary>
    public float* Weights { get; set; }
}
