using Vms.Recorder.Motion;
using Vms.Recorder.Pictures;

namespace Vms.Recorder.Archive;

/// <summary>What is kept beside a segment's file under its name: previews and motion grids. They go where it goes; each is made again when it is missing and
/// somebody looks.</summary>
internal static class SegmentSidecars
{
    private static readonly (string Finished, string Unfinished)[] s_kinds =
    [
        (PreviewFile.Extension, PreviewFile.UnfinishedExtension),
        (MotionFile.Extension, MotionFile.UnfinishedExtension),
    ];

    /// <summary>Is a file one of these, finished or not?</summary>
    public static bool IsOne(string path) => Array.Exists(
        s_kinds, k => path.EndsWith(k.Finished, StringComparison.Ordinal) || path.EndsWith(k.Unfinished, StringComparison.Ordinal));

    /// <summary>Removes them, finished or not. What cannot be removed stays: its folder's last deletion tries again.</summary>
    public static void Delete(string segmentPath)
    {
        foreach (var (finished, unfinished) in s_kinds)
        {
            DeleteIfThere(Path.ChangeExtension(segmentPath, finished));
            DeleteIfThere(Path.ChangeExtension(segmentPath, unfinished));
        }
    }

    /// <summary>Takes them along with a segment that is moved. One that cannot be copied is left out.</summary>
    public static void Copy(string segmentPath, string newSegmentPath)
    {
        foreach (var (finished, unfinished) in s_kinds)
        {
            string from = Path.ChangeExtension(segmentPath, finished), part = Path.ChangeExtension(newSegmentPath, unfinished);
            try
            {
                if (File.Exists(from))
                {
                    File.Copy(from, part, overwrite: true);
                    File.Move(part, Path.ChangeExtension(newSegmentPath, finished), overwrite: true);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                DeleteIfThere(part);
            }
        }
    }

    public static void DeleteIfThere(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A few kilobytes that nobody finds any more.
        }
    }
}
