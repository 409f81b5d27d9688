using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Connections;

namespace Vms.Hosting;

/// <summary>The outermost frame of every plane: what an operator can cause becomes one line and a stable exit code.</summary>
public static class PlaneMain
{
    /// <summary>EX_CONFIG: a setting is wrong or a port is taken. Starting again does not help by itself.</summary>
    public const int ConfigurationExitCode = 78;

    /// <param name="run">Builds and runs the plane.</param>
    /// <returns>The process's exit code. Anything unexpected is thrown on, ends the process and is restarted by the supervisor.</returns>
    public static async Task<int> RunAsync(string plane, Func<Task> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        try
        {
            await run();
            return 0;
        }
        catch (PlaneLockTakenException e)
        {
            await Console.Error.WriteLineAsync($"vms-{plane}: {e.Message}");
            return ExclusiveLock.TakenExitCode;
        }
        catch (ValidationException e)
        {
            await Console.Error.WriteLineAsync($"vms-{plane}: {e.Message}");
            return ConfigurationExitCode;
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            await Console.Error.WriteLineAsync(
                $"vms-{plane}: {e.Message.TrimEnd('.')}. Stop the other program or choose another port (--port, VMS_HTTP_PORT, VMS_HTTPS_PORT, VMS_MEDIA_PORT, VMS_PLAYBACK_PORT).");
            return ConfigurationExitCode;
        }
    }
}
