using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Features.Cameras;
using Vms.Hosting;

namespace Vms.Control.Data;

/// <summary>What happens once on an empty installation: the first administrator (by configuration or by the printed link) and,
/// in demo mode, the cameras.</summary>
internal sealed partial class FirstStart(
    NpgsqlDataSource database, Accounts accounts, SetupLink setupLink, SignIns signIns, DemoCameras demoCameras, RightsState rights,
    IConfiguration configuration, PlaneOptions options, IServer server, ILogger<FirstStart> logger)
{
    public const string FirstAdministrator = "admin";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await signIns.RememberRecentlyEndedAsync(cancellationToken);
        await demoCameras.SeedAsync(cancellationToken);
        await rights.RefreshAsync();
        if (await accounts.AnyAsync(cancellationToken))
            return;
        if (await TryCreateConfiguredAdministratorAsync(cancellationToken))
            return;
        var token = await setupLink.CreateTokenAsync(cancellationToken);
        Log.SetupLink(logger, $"{BaseAddress()}/setup#token={token}");
    }

    private async Task<bool> TryCreateConfiguredAdministratorAsync(CancellationToken cancellationToken)
    {
        if (PlaneOptions.Setting(configuration, "VMS_ADMIN_PASSWORD") is not { } password)
            return false;
        if (PasswordRules.Configured.Check(password, FirstAdministrator) is { } problem)
        {
            Log.PasswordRefused(logger, problem.Message);
            return false;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await accounts.AddAdministratorAsync(connection, Tenants.First, FirstAdministrator, password, cancellationToken);
        await SetupLink.CloseAsync(connection, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await rights.RefreshAsync();
        Log.AdministratorCreated(logger, FirstAdministrator);
        return true;
    }

    private string BaseAddress()
    {
        var port = options.HttpPort;
        if (port == 0)
        {
            // Port 0 took any free one: the server knows which.
            var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
            port = addresses.Where(a => !a.Contains("unix:", StringComparison.Ordinal)).Select(a => new Uri(a).Port).FirstOrDefault();
        }

        var host = IPAddress.Parse(options.BindAddress) switch
        {
            var any when any.Equals(IPAddress.Any) || any.Equals(IPAddress.IPv6Any) => Environment.MachineName,
            { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } v6 => $"[{v6}]",
            var v4 => v4.ToString(),
        };
        return $"http://{host}:{port}";
    }

    private static partial class Log
    {
        // The operator needs the link, and it works once: the one secret that is printed on purpose.
        [LoggerMessage(1003, LogLevel.Information, "setup link: {Link}")]
        public static partial void SetupLink(ILogger logger, string link);

        [LoggerMessage(1004, LogLevel.Information, "Created the administrator {Username} with the configured password")]
        public static partial void AdministratorCreated(ILogger logger, string username);

        [LoggerMessage(1005, LogLevel.Error, "VMS_ADMIN_PASSWORD is not used: {Reason}. Use the setup link instead")]
        public static partial void PasswordRefused(ILogger logger, string reason);
    }
}
