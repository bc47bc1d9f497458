/* Made by .ci/starter-files. */
#include "StarterFiles.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char file_0[] = {
#embed "../../Config/policy.yaml"
};

static const unsigned char file_1[] = {
#embed "../../Config/sobre.yaml"
};

static const unsigned char file_2[] = {
#embed "../../Providers/46elks.yaml"
};

static const unsigned char file_3[] = {
#embed "../../Providers/README.md"
};

static const unsigned char file_4[] = {
#embed "../../Providers/apns.yaml"
};

static const unsigned char file_5[] = {
#embed "../../Providers/aws-sms.yaml"
};

static const unsigned char file_6[] = {
#embed "../../Providers/aws-sns.yaml"
};

static const unsigned char file_7[] = {
#embed "../../Providers/azure-email.yaml"
};

static const unsigned char file_8[] = {
#embed "../../Providers/azure-sms.yaml"
};

static const unsigned char file_9[] = {
#embed "../../Providers/brevo.yaml"
};

static const unsigned char file_10[] = {
#embed "../../Providers/clickatell.yaml"
};

static const unsigned char file_11[] = {
#embed "../../Providers/clicksend.yaml"
};

static const unsigned char file_12[] = {
#embed "../../Providers/expo.yaml"
};

static const unsigned char file_13[] = {
#embed "../../Providers/fcm.yaml"
};

static const unsigned char file_14[] = {
#embed "../../Providers/hms.yaml"
};

static const unsigned char file_15[] = {
#embed "../../Providers/infobip.yaml"
};

static const unsigned char file_16[] = {
#embed "../../Providers/mailersend.yaml"
};

static const unsigned char file_17[] = {
#embed "../../Providers/mailgun.yaml"
};

static const unsigned char file_18[] = {
#embed "../../Providers/mailjet.yaml"
};

static const unsigned char file_19[] = {
#embed "../../Providers/mailtrap.yaml"
};

static const unsigned char file_20[] = {
#embed "../../Providers/manifest.schema.json"
};

static const unsigned char file_21[] = {
#embed "../../Providers/messagebird.yaml"
};

static const unsigned char file_22[] = {
#embed "../../Providers/onesignal.yaml"
};

static const unsigned char file_23[] = {
#embed "../../Providers/ovh-sms.yaml"
};

static const unsigned char file_24[] = {
#embed "../../Providers/plivo.yaml"
};

static const unsigned char file_25[] = {
#embed "../../Providers/postal.yaml"
};

static const unsigned char file_26[] = {
#embed "../../Providers/postmark.yaml"
};

static const unsigned char file_27[] = {
#embed "../../Providers/pushover.yaml"
};

static const unsigned char file_28[] = {
#embed "../../Providers/resend.yaml"
};

static const unsigned char file_29[] = {
#embed "../../Providers/scaleway.yaml"
};

static const unsigned char file_30[] = {
#embed "../../Providers/sendgrid.yaml"
};

static const unsigned char file_31[] = {
#embed "../../Providers/ses-v2.yaml"
};

static const unsigned char file_32[] = {
#embed "../../Providers/sinch.yaml"
};

static const unsigned char file_33[] = {
#embed "../../Providers/slack.yaml"
};

static const unsigned char file_34[] = {
#embed "../../Providers/sparkpost.yaml"
};

static const unsigned char file_35[] = {
#embed "../../Providers/telegram.yaml"
};

static const unsigned char file_36[] = {
#embed "../../Providers/telnyx.yaml"
};

static const unsigned char file_37[] = {
#embed "../../Providers/twilio-whatsapp.yaml"
};

static const unsigned char file_38[] = {
#embed "../../Providers/twilio.yaml"
};

static const unsigned char file_39[] = {
#embed "../../Providers/vonage-messages.yaml"
};

static const unsigned char file_40[] = {
#embed "../../Providers/vonage-sms.yaml"
};

static const unsigned char file_41[] = {
#embed "../../Providers/webhook.yaml"
};

static const unsigned char file_42[] = {
#embed "../../Providers/whatsapp-cloud.yaml"
};

static const unsigned char file_43[] = {
#embed "../../Templates/_layouts/base.liquid"
};

static const unsigned char file_44[] = {
#embed "../../Templates/_snippets/button.html.liquid"
};

static const unsigned char file_45[] = {
#embed "../../Templates/_snippets/footer.html.liquid"
};

static const unsigned char file_46[] = {
#embed "../../Templates/_snippets/footer.text.liquid"
};

static const unsigned char file_47[] = {
#embed "../../Templates/_snippets/fr/footer.html.liquid"
};

static const unsigned char file_48[] = {
#embed "../../Templates/cart-abandoned/email.html.liquid"
};

static const unsigned char file_49[] = {
#embed "../../Templates/cart-abandoned/email.preheader.liquid"
};

static const unsigned char file_50[] = {
#embed "../../Templates/cart-abandoned/email.subject.liquid"
};

static const unsigned char file_51[] = {
#embed "../../Templates/cart-abandoned/fr/email.html.liquid"
};

static const unsigned char file_52[] = {
#embed "../../Templates/cart-abandoned/fr/email.preheader.liquid"
};

static const unsigned char file_53[] = {
#embed "../../Templates/cart-abandoned/fr/email.subject.liquid"
};

static const unsigned char file_54[] = {
#embed "../../Templates/cart-abandoned/fr/push.liquid"
};

static const unsigned char file_55[] = {
#embed "../../Templates/cart-abandoned/fr/sms.liquid"
};

static const unsigned char file_56[] = {
#embed "../../Templates/cart-abandoned/push.liquid"
};

static const unsigned char file_57[] = {
#embed "../../Templates/cart-abandoned/samples/ann.json"
};

static const unsigned char file_58[] = {
#embed "../../Templates/cart-abandoned/samples/maria.json"
};

static const unsigned char file_59[] = {
#embed "../../Templates/cart-abandoned/sms.liquid"
};

static const unsigned char file_60[] = {
#embed "../../Templates/cart-abandoned/template.yaml"
};

static const unsigned char file_61[] = {
#embed "../../Templates/cross-sell/email.html.liquid"
};

static const unsigned char file_62[] = {
#embed "../../Templates/cross-sell/email.preheader.liquid"
};

static const unsigned char file_63[] = {
#embed "../../Templates/cross-sell/email.subject.liquid"
};

static const unsigned char file_64[] = {
#embed "../../Templates/cross-sell/push.liquid"
};

static const unsigned char file_65[] = {
#embed "../../Templates/cross-sell/samples/ann.json"
};

static const unsigned char file_66[] = {
#embed "../../Templates/cross-sell/template.yaml"
};

static const unsigned char file_67[] = {
#embed "../../Templates/delivery-notice/samples/ann.json"
};

static const unsigned char file_68[] = {
#embed "../../Templates/delivery-notice/sms.liquid"
};

static const unsigned char file_69[] = {
#embed "../../Templates/delivery-notice/template.yaml"
};

static const unsigned char file_70[] = {
#embed "../../Templates/delivery-notice/whatsapp.liquid"
};

static const unsigned char file_71[] = {
#embed "../../Templates/order-confirmed/email.html.liquid"
};

static const unsigned char file_72[] = {
#embed "../../Templates/order-confirmed/email.preheader.liquid"
};

static const unsigned char file_73[] = {
#embed "../../Templates/order-confirmed/email.subject.liquid"
};

static const unsigned char file_74[] = {
#embed "../../Templates/order-confirmed/email.text.liquid"
};

static const unsigned char file_75[] = {
#embed "../../Templates/order-confirmed/samples/ann.json"
};

static const unsigned char file_76[] = {
#embed "../../Templates/order-confirmed/samples/nameless.json"
};

static const unsigned char file_77[] = {
#embed "../../Templates/order-confirmed/template.yaml"
};

static const unsigned char file_78[] = {
#embed "../../Templates/thank-you/push.liquid"
};

static const unsigned char file_79[] = {
#embed "../../Templates/thank-you/samples/ann.json"
};

static const unsigned char file_80[] = {
#embed "../../Templates/thank-you/template.yaml"
};

static const unsigned char file_81[] = {
#embed "../../Templates/win-back/email.html.liquid"
};

static const unsigned char file_82[] = {
#embed "../../Templates/win-back/email.preheader.liquid"
};

static const unsigned char file_83[] = {
#embed "../../Templates/win-back/email.subject.liquid"
};

static const unsigned char file_84[] = {
#embed "../../Templates/win-back/samples/ann.json"
};

static const unsigned char file_85[] = {
#embed "../../Templates/win-back/samples/recent.json"
};

static const unsigned char file_86[] = {
#embed "../../Templates/win-back/sms.liquid"
};

static const unsigned char file_87[] = {
#embed "../../Templates/win-back/template.yaml"
};

static const struct starter_file files[] = {
    {"Config/policy.yaml", file_0, sizeof file_0},
    {"Config/sobre.yaml", file_1, sizeof file_1},
    {"Providers/46elks.yaml", file_2, sizeof file_2},
    {"Providers/README.md", file_3, sizeof file_3},
    {"Providers/apns.yaml", file_4, sizeof file_4},
    {"Providers/aws-sms.yaml", file_5, sizeof file_5},
    {"Providers/aws-sns.yaml", file_6, sizeof file_6},
    {"Providers/azure-email.yaml", file_7, sizeof file_7},
    {"Providers/azure-sms.yaml", file_8, sizeof file_8},
    {"Providers/brevo.yaml", file_9, sizeof file_9},
    {"Providers/clickatell.yaml", file_10, sizeof file_10},
    {"Providers/clicksend.yaml", file_11, sizeof file_11},
    {"Providers/expo.yaml", file_12, sizeof file_12},
    {"Providers/fcm.yaml", file_13, sizeof file_13},
    {"Providers/hms.yaml", file_14, sizeof file_14},
    {"Providers/infobip.yaml", file_15, sizeof file_15},
    {"Providers/mailersend.yaml", file_16, sizeof file_16},
    {"Providers/mailgun.yaml", file_17, sizeof file_17},
    {"Providers/mailjet.yaml", file_18, sizeof file_18},
    {"Providers/mailtrap.yaml", file_19, sizeof file_19},
    {"Providers/manifest.schema.json", file_20, sizeof file_20},
    {"Providers/messagebird.yaml", file_21, sizeof file_21},
    {"Providers/onesignal.yaml", file_22, sizeof file_22},
    {"Providers/ovh-sms.yaml", file_23, sizeof file_23},
    {"Providers/plivo.yaml", file_24, sizeof file_24},
    {"Providers/postal.yaml", file_25, sizeof file_25},
    {"Providers/postmark.yaml", file_26, sizeof file_26},
    {"Providers/pushover.yaml", file_27, sizeof file_27},
    {"Providers/resend.yaml", file_28, sizeof file_28},
    {"Providers/scaleway.yaml", file_29, sizeof file_29},
    {"Providers/sendgrid.yaml", file_30, sizeof file_30},
    {"Providers/ses-v2.yaml", file_31, sizeof file_31},
    {"Providers/sinch.yaml", file_32, sizeof file_32},
    {"Providers/slack.yaml", file_33, sizeof file_33},
    {"Providers/sparkpost.yaml", file_34, sizeof file_34},
    {"Providers/telegram.yaml", file_35, sizeof file_35},
    {"Providers/telnyx.yaml", file_36, sizeof file_36},
    {"Providers/twilio-whatsapp.yaml", file_37, sizeof file_37},
    {"Providers/twilio.yaml", file_38, sizeof file_38},
    {"Providers/vonage-messages.yaml", file_39, sizeof file_39},
    {"Providers/vonage-sms.yaml", file_40, sizeof file_40},
    {"Providers/webhook.yaml", file_41, sizeof file_41},
    {"Providers/whatsapp-cloud.yaml", file_42, sizeof file_42},
    {"Templates/_layouts/base.liquid", file_43, sizeof file_43},
    {"Templates/_snippets/button.html.liquid", file_44, sizeof file_44},
    {"Templates/_snippets/footer.html.liquid", file_45, sizeof file_45},
    {"Templates/_snippets/footer.text.liquid", file_46, sizeof file_46},
    {"Templates/_snippets/fr/footer.html.liquid", file_47, sizeof file_47},
    {"Templates/cart-abandoned/email.html.liquid", file_48, sizeof file_48},
    {"Templates/cart-abandoned/email.preheader.liquid", file_49, sizeof file_49},
    {"Templates/cart-abandoned/email.subject.liquid", file_50, sizeof file_50},
    {"Templates/cart-abandoned/fr/email.html.liquid", file_51, sizeof file_51},
    {"Templates/cart-abandoned/fr/email.preheader.liquid", file_52, sizeof file_52},
    {"Templates/cart-abandoned/fr/email.subject.liquid", file_53, sizeof file_53},
    {"Templates/cart-abandoned/fr/push.liquid", file_54, sizeof file_54},
    {"Templates/cart-abandoned/fr/sms.liquid", file_55, sizeof file_55},
    {"Templates/cart-abandoned/push.liquid", file_56, sizeof file_56},
    {"Templates/cart-abandoned/samples/ann.json", file_57, sizeof file_57},
    {"Templates/cart-abandoned/samples/maria.json", file_58, sizeof file_58},
    {"Templates/cart-abandoned/sms.liquid", file_59, sizeof file_59},
    {"Templates/cart-abandoned/template.yaml", file_60, sizeof file_60},
    {"Templates/cross-sell/email.html.liquid", file_61, sizeof file_61},
    {"Templates/cross-sell/email.preheader.liquid", file_62, sizeof file_62},
    {"Templates/cross-sell/email.subject.liquid", file_63, sizeof file_63},
    {"Templates/cross-sell/push.liquid", file_64, sizeof file_64},
    {"Templates/cross-sell/samples/ann.json", file_65, sizeof file_65},
    {"Templates/cross-sell/template.yaml", file_66, sizeof file_66},
    {"Templates/delivery-notice/samples/ann.json", file_67, sizeof file_67},
    {"Templates/delivery-notice/sms.liquid", file_68, sizeof file_68},
    {"Templates/delivery-notice/template.yaml", file_69, sizeof file_69},
    {"Templates/delivery-notice/whatsapp.liquid", file_70, sizeof file_70},
    {"Templates/order-confirmed/email.html.liquid", file_71, sizeof file_71},
    {"Templates/order-confirmed/email.preheader.liquid", file_72, sizeof file_72},
    {"Templates/order-confirmed/email.subject.liquid", file_73, sizeof file_73},
    {"Templates/order-confirmed/email.text.liquid", file_74, sizeof file_74},
    {"Templates/order-confirmed/samples/ann.json", file_75, sizeof file_75},
    {"Templates/order-confirmed/samples/nameless.json", file_76, sizeof file_76},
    {"Templates/order-confirmed/template.yaml", file_77, sizeof file_77},
    {"Templates/thank-you/push.liquid", file_78, sizeof file_78},
    {"Templates/thank-you/samples/ann.json", file_79, sizeof file_79},
    {"Templates/thank-you/template.yaml", file_80, sizeof file_80},
    {"Templates/win-back/email.html.liquid", file_81, sizeof file_81},
    {"Templates/win-back/email.preheader.liquid", file_82, sizeof file_82},
    {"Templates/win-back/email.subject.liquid", file_83, sizeof file_83},
    {"Templates/win-back/samples/ann.json", file_84, sizeof file_84},
    {"Templates/win-back/samples/recent.json", file_85, sizeof file_85},
    {"Templates/win-back/sms.liquid", file_86, sizeof file_86},
    {"Templates/win-back/template.yaml", file_87, sizeof file_87},
};

const struct starter_file *starter_file_at(size_t index) {
    return index < sizeof files / sizeof files[0] ? &files[index] : NULL;
}
