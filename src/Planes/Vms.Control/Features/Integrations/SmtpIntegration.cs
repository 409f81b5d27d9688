using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Control.Integrations;
using Vms.Control.Integrations.Mail;
using Vms.Hosting;

namespace Vms.Control.Features.Integrations;

/// <summary>GET and PUT /api/integrations/smtp: the operator's mail server. POST …/test sends a message now.</summary>
internal static class SmtpIntegration
{
    private static readonly SmtpSettings s_fallback = new() { Port = MailSender.DefaultPort };

    /// <param name="To">An address.</param>
    public sealed record TestRequest(string? To);

    /// <param name="Answer">What the mail server said.</param>
    /// <param name="Error">Null when it took the message.</param>
    public sealed record TestResult(bool Delivered, string? Answer, string? Error);

    public static void Map(RouteGroupBuilder integrations)
    {
        integrations.MapGet("/smtp", Get).WithName("GetSmtp").WithSummary("Show the mail server's settings and what came of the last message.").Needs(Permissions.SystemWrite, Scope.Tenant);
        integrations.MapPut("/smtp", Put).WithName("SetSmtp").WithSummary("Set the mail server that messages are sent through.").Needs(Permissions.SystemWrite, Scope.Tenant)
            .ChecksVersion().ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);
        integrations.MapPost("/smtp/test", Test).WithName("TestSmtp").WithSummary("Send a message now and show what the mail server said.").Needs(Permissions.SystemWrite, Scope.Tenant)
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);
    }

    private static Task<Ok<IntegrationView<SmtpSettings>>> Get(IntegrationEdits edits, MailSender sender, CancellationToken cancellationToken) =>
        edits.GetAsync(SmtpSettings.Kind, s_fallback, () => sender.State, cancellationToken);

    private static Task<Results<Ok<IntegrationView<SmtpSettings>>, ProblemHttpResult>> Put(
        IntegrationRequest<SmtpSettings> request, HttpContext context, IntegrationEdits edits, MailSender sender, CancellationToken cancellationToken) =>
        edits.PutAsync(SmtpSettings.Kind, s_fallback, request, Check, () => sender.State, context, cancellationToken);

    private static void Check(SmtpSettings wanted, List<FieldProblem> problems)
    {
        if (wanted.Security is not (SmtpSettings.SecurityTls or SmtpSettings.SecurityStartTls or SmtpSettings.SecurityNone))
            problems.Add(new FieldProblem("settings.security", "invalidValue", "Use tls, starttls or none"));
        else if (wanted.Security == SmtpSettings.SecurityNone && !string.IsNullOrEmpty(wanted.Username))
            problems.Add(new FieldProblem("settings.security", "passwordInClear", "A password is not sent in the clear: use tls or starttls, or no user"));
        if (string.IsNullOrEmpty(wanted.From) ? wanted.Enabled : !MailSender.IsAddress(wanted.From))
            problems.Add(new FieldProblem("settings.from", string.IsNullOrEmpty(wanted.From) ? "required" : "invalidValue", "Use an address: vms@example.org"));
    }

    private static async Task<Results<Ok<TestResult>, ProblemHttpResult>> Test(
        TestRequest request, HttpContext context, NpgsqlDataSource database, MailSender sender, TimeProvider time, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(request.To) || !MailSender.IsAddress(request.To))
            return Problems.Fields(new FieldProblem("to", string.IsNullOrEmpty(request.To) ? "required" : "invalidValue", "Use an address: you@example.org"));
        var now = time.GetUtcNow();
        TestResult result;
        try
        {
            var body = new EmailBody("VMS: test", "This is a test. Notifications will look like this.", null);
            result = new TestResult(true, await sender.SendAsync(request.To, body, Guid.CreateVersion7(now).ToString(), cancellationToken), null);
        }
        catch (MailException e)
        {
            result = new TestResult(false, null, e.Message);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await AuditLog.AddAsync(connection, now, Actor.Of(context), "integration.tested", SmtpSettings.Kind, new { request.To, result.Error }, cancellationToken);
        return TypedResults.Ok(result);
    }
}
