using System.Text;
using Vms.Hosting;

namespace Vms.Control.Events;

/// <summary>A file that is there while control is at work. Whoever finds one when it begins knows that the life before did not end in order: it crashed, was killed, or lost its power.</summary>
internal sealed class LifeMark(PlaneOptions options)
{
    private readonly string _path = Path.Combine(options.StateDirectory, "control.life");

    /// <summary>Which life it was; null: it ended in order, or this is the first.</summary>
    public string? Left()
    {
        try
        {
            return File.Exists(_path) ? File.ReadAllText(_path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <returns>Why it is not there; null: it is.</returns>
    public string? TrySet(string life)
    {
        try
        {
            PrivateFiles.CreateDirectory(options.StateDirectory);
            PrivateFiles.Replace(_path, Encoding.UTF8.GetBytes(life));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    public void Clear()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next life tells of an end without order: better than to hold up this one's.
        }
    }
}
